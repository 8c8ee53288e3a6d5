//! The order of libddwaf's tables.
//!
//! What libddwaf keeps in a hash table it also reports in the order of that table, which is the same in every
//! run: strings are hashed with CityHash64 as the LLVM C++ library computes it, and a table's entries form one
//! chain. Clients compare such results as texts, so that the order is part of the answer.

use alloc::vec::Vec;

const K0: u64 = 0xc3a5_c85c_97cb_3127;
const K1: u64 = 0xb492_b66f_be98_f273;
const K2: u64 = 0x9ae1_6a3b_2f90_404f;
const K3: u64 = 0xc949_d7c7_509e_6557;
const MIX: u64 = 0x9ddf_ea08_eb38_2d69;

/// The hash of a string in such a table.
#[must_use]
pub fn hash(text: &[u8]) -> u64 {
    match text.len() {
        0..=16 => up_to_16(text),
        17..=32 => up_to_32(text),
        33..=64 => up_to_64(text),
        _ => longer(text),
    }
}

fn up_to_16(text: &[u8]) -> u64 {
    let len = text.len() as u64;
    match *text {
        [] => K2,
        [first, ..] if text.len() < 4 => {
            let middle = text[text.len() / 2];
            let last = text[text.len() - 1];
            let start = u64::from(first) + (u64::from(middle) << 8);
            let end = len + (u64::from(last) << 2);
            fold(start.wrapping_mul(K2) ^ end.wrapping_mul(K3)).wrapping_mul(K2)
        }
        _ if text.len() <= 8 => {
            // CityHash itself loses no bits here; these tables do.
            let start = u64::from(half_word(text, 0) << 3);
            pair(len + start, u64::from(half_word(text, text.len() - 4)))
        }
        _ => {
            let (start, end) = (word(text, 0), word(text, text.len() - 8));
            pair(start, end.wrapping_add(len).rotate_right(text.len() as u32)) ^ end
        }
    }
}

fn up_to_32(text: &[u8]) -> u64 {
    let len = text.len();
    let a = word(text, 0).wrapping_mul(K1);
    let b = word(text, 8);
    let c = word(text, len - 8).wrapping_mul(K2);
    let d = word(text, len - 16).wrapping_mul(K0);
    pair(
        a.wrapping_sub(b).rotate_right(43).wrapping_add(c.rotate_right(30)).wrapping_add(d),
        a.wrapping_add((b ^ K3).rotate_right(20)).wrapping_sub(c).wrapping_add(len as u64),
    )
}

fn up_to_64(text: &[u8]) -> u64 {
    let len = text.len();
    let z = word(text, 24);
    let a = word(text, 0).wrapping_add(word(text, len - 16).wrapping_add(len as u64).wrapping_mul(K0));
    let front = half(a, z, word(text, 8), word(text, 16));
    // CityHash itself starts anew here; these tables add.
    let z = z.wrapping_add(word(text, len - 8));
    let a = word(text, 16).wrapping_add(word(text, len - 32));
    let back = half(a, z, word(text, len - 24), word(text, len - 16));
    let r = front.0.wrapping_add(back.1).wrapping_mul(K2);
    let r = fold(r.wrapping_add(back.0.wrapping_add(front.1).wrapping_mul(K0)));
    fold(r.wrapping_mul(K0).wrapping_add(front.1)).wrapping_mul(K2)
}

fn half(a: u64, z: u64, second: u64, third: u64) -> (u64, u64) {
    let b = a.wrapping_add(z).rotate_right(52);
    let c = a.rotate_right(37);
    let a = a.wrapping_add(second);
    let c = c.wrapping_add(a.rotate_right(7));
    let a = a.wrapping_add(third);
    (a.wrapping_add(z), b.wrapping_add(a.rotate_right(31)).wrapping_add(c))
}

fn longer(text: &[u8]) -> u64 {
    let len = text.len();
    let mut x = word(text, len - 40);
    let mut y = word(text, len - 16).wrapping_add(word(text, len - 56));
    let mut z = pair(word(text, len - 48).wrapping_add(len as u64), word(text, len - 24));
    let mut v = four_words(&text[len - 64..], len as u64, z);
    let mut w = four_words(&text[len - 32..], y.wrapping_add(K1), x);
    x = x.wrapping_mul(K1).wrapping_add(word(text, 0));
    // The last block, whole or not, is what went before.
    for block in text[..len - 1].chunks_exact(64) {
        x = x.wrapping_add(y).wrapping_add(v.0).wrapping_add(word(block, 8));
        x = x.rotate_right(37).wrapping_mul(K1) ^ w.1;
        y = y.wrapping_add(v.1).wrapping_add(word(block, 48)).rotate_right(42).wrapping_mul(K1);
        y = y.wrapping_add(v.0).wrapping_add(word(block, 40));
        z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(K1);
        v = four_words(block, v.1.wrapping_mul(K1), x.wrapping_add(w.0));
        w = four_words(&block[32..], z.wrapping_add(w.1), y.wrapping_add(word(block, 16)));
        core::mem::swap(&mut z, &mut x);
    }
    pair(
        pair(v.0, w.0).wrapping_add(fold(y).wrapping_mul(K1)).wrapping_add(z),
        pair(v.1, w.1).wrapping_add(x),
    )
}

fn four_words(text: &[u8], a: u64, b: u64) -> (u64, u64) {
    let last = word(text, 24);
    let a = a.wrapping_add(word(text, 0));
    let b = b.wrapping_add(a).wrapping_add(last).rotate_right(21);
    let sum = a.wrapping_add(word(text, 8)).wrapping_add(word(text, 16));
    (sum.wrapping_add(last), b.wrapping_add(sum.rotate_right(44)).wrapping_add(a))
}

fn pair(u: u64, v: u64) -> u64 {
    let a = fold((u ^ v).wrapping_mul(MIX));
    fold((v ^ a).wrapping_mul(MIX)).wrapping_mul(MIX)
}

fn fold(word: u64) -> u64 {
    word ^ (word >> 47)
}

fn word(text: &[u8], at: usize) -> u64 {
    text[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn half_word(text: &[u8], at: usize) -> u32 {
    text[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Finds the order of tables' entries. One can be used for many tables.
#[derive(Debug, Default)]
pub struct TableOrder {
    /// Of each bucket the entry that stands first.
    first: Vec<u32>,
    /// Of each entry those beside it.
    before: Vec<u32>,
    after: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl TableOrder {
    /// Calls back with the numbers of all entries, in the order they have in a table that had room made for
    /// `room` of them and then got entries of these hashes one after the other. There are at most `room`.
    pub fn each(&mut self, room: usize, hashes: impl Iterator<Item = u64>, mut found: impl FnMut(usize)) {
        let buckets = buckets(room);
        self.first.clear();
        self.first.resize(buckets as usize, NONE);
        self.before.clear();
        self.after.clear();
        let mut head = NONE;
        for (hash, entry) in hashes.zip(0..) {
            let first = &mut self.first[(hash % buckets) as usize];
            // Before the first entry of its bucket; where there is none, before all.
            let behind = if *first == NONE { head } else { *first };
            let ahead = self.before.get(behind as usize).copied().unwrap_or(NONE);
            *first = entry;
            self.before.push(ahead);
            self.after.push(behind);
            if let Some(before) = self.before.get_mut(behind as usize) {
                *before = entry;
            }
            match self.after.get_mut(ahead as usize) {
                Some(after) => *after = entry,
                None => head = entry,
            }
        }
        while let Some(after) = self.after.get(head as usize) {
            found(head as usize);
            head = *after;
        }
    }
}

/// How many buckets a table has that made room for so many entries.
fn buckets(room: usize) -> u64 {
    let room = room as u64;
    let is_prime = |n: &u64| (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    match room {
        0 | 1 => 2,
        _ if room.is_power_of_two() => room,
        _ => (room..).find(is_prime).unwrap_or(room),
    }
}

#[cfg(test)]
mod tests {
    use super::{TableOrder, buckets, hash};
    use alloc::vec::Vec;

    /// What a naive implementation gives that puts 2,500 schemas in libddwaf's order.
    const HASHES: [(usize, u64); 23] = [
        (0, 0x9ae1_6a3b_2f90_404f),
        (1, 0x6c8b_7633_4e9b_5711),
        (2, 0x8bdb_2e92_55cf_4e03),
        (3, 0x7eb6_59f1_08fb_05ae),
        (4, 0x911a_f9be_d7e1_574f),
        (7, 0x4ad3_046b_929d_24b2),
        (8, 0x4f49_0650_5d2f_6f9d),
        (9, 0xbd65_5cec_ee43_f3e5),
        (15, 0xf1b3_88e7_ff50_fbaf),
        (16, 0x178a_ece7_6d18_a1f6),
        (17, 0x437b_9dad_1f1d_a35f),
        (24, 0x3acf_4fa2_71a1_4ff1),
        (32, 0xd81c_9a2b_9a61_996b),
        (33, 0x6c7f_7ca1_835b_455d),
        (48, 0x4902_3a39_540f_122b),
        (64, 0x2a01_4328_6d3a_c87b),
        (65, 0x0863_18bc_f7db_57ea),
        (127, 0x0b3f_f9e4_a40a_437d),
        (128, 0x4129_6dae_f354_4315),
        (129, 0xb402_4ae1_ca91_a1d7),
        (192, 0xc650_0a40_77c4_c2c8),
        (193, 0xb4ce_98ff_8182_3da1),
        (255, 0xf3ba_ffdb_4fff_2fbe),
    ];

    fn order(room: usize, hashes: &[u64]) -> Vec<usize> {
        let mut order = Vec::new();
        TableOrder::default().each(room, hashes.iter().copied(), |entry| order.push(entry));
        order
    }

    #[test]
    fn hashes_of_all_lengths() {
        let text: Vec<u8> = (0..=255).map(|i: u8| i.wrapping_mul(37) ^ 0xa5).collect();
        for (len, wanted) in HASHES {
            assert_eq!(hash(&text[..len]), wanted, "{len} bytes");
        }
    }

    #[test]
    fn entries_stand_before_the_first_of_their_bucket() {
        for (room, hashes, wanted) in [
            (0, &[][..], &[][..]),
            (1, &[7], &[0]),
            (3, &[0, 1, 2], &[2, 1, 0]),
            (4, &[8, 4, 2, 16], &[2, 3, 1, 0]),
            (5, &[1, 2, 6, 3, 11], &[3, 1, 4, 2, 0]),
            (6, &[0, 7, 14, 1], &[3, 2, 1, 0]),
            (6, &[u64::MAX, 1], &[1, 0]),
        ] {
            assert_eq!(order(room, hashes), wanted, "{room} {hashes:?}");
        }
    }

    #[test]
    fn buckets_are_a_power_of_two_or_a_prime() {
        for (room, wanted) in
            [(1, 2), (2, 2), (3, 3), (4, 4), (6, 7), (9, 11), (16, 16), (200, 211), (255, 257)]
        {
            assert_eq!(buckets(room), wanted, "{room}");
        }
    }
}

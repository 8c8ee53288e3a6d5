//! Random sequences of calls. Whatever their order, nothing is lost, nothing is freed twice, and what is read is
//! what was written. A fuzz target plays them too, chosen by its bytes.

use crate::fixture::*;
use crate::ledger::{Ledger, Refuse};
use bartizan_capi::*;
use bartizan_object::Object;
use std::ptr::null_mut;

/// Numbers that are the same in every run: a tape's, and then those of a seed.
struct Random<'t> {
    tape: &'t [u8],
    state: u64,
}

impl Random<'_> {
    fn below(&mut self, limit: usize) -> usize {
        if let Some((first, rest)) = self.tape.split_first() {
            self.tape = rest;
            return usize::from(*first) % limit;
        }
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % limit
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Outlives everything, as literals must.
const WORDS: [&str; 8] = [
    "",
    "a",
    "evil",
    "fourteen bytes",
    "fifteen bytes !",
    "a phrase that is not short",
    "10.1.2.3",
    "\u{0}\u{7f}\u{80} and more of that kind, \u{1f600}",
];

struct World<'a> {
    random: Random<'a>,
    ledger: &'a Ledger,
    /// Whether the ledger never refuses.
    is_rich: bool,
    instances: &'a [*mut InstanceHandle],
    objects: Vec<Object>,
    /// Handles, and whether it is a subcontext.
    contexts: Vec<(*mut ContextHandle, bool)>,
    /// Data that contexts borrow: it must outlive them.
    #[expect(clippy::vec_box, reason = "a borrower may hold on to the address")]
    lent: Vec<Box<Object>>,
    builder: *mut BuilderHandle,
    matches: usize,
}

impl World<'_> {
    /// Writes something into a slot; on refusal it stays what it is.
    unsafe fn fill(&mut self, slot: *mut Object, depth: usize) {
        let alloc = self.ledger.handle();
        let word = self.random.pick(&WORDS);
        let (start, len) = (chars(word), word.len() as u32);
        unsafe {
            match self.random.below(if depth < 4 { 16 } else { 10 }) {
                0 => _ = ddwaf_object_set_invalid(slot),
                1 => _ = ddwaf_object_set_null(slot),
                2 => _ = ddwaf_object_set_bool(slot, true),
                3 => _ = ddwaf_object_set_signed(slot, -5),
                4 => _ = ddwaf_object_set_unsigned(slot, u64::MAX),
                5 => _ = ddwaf_object_set_float(slot, 0.25),
                6 => _ = ddwaf_object_set_string_literal(slot, start, len),
                7 => {
                    let memory = self.ledger.bytes(word.as_bytes());
                    ddwaf_object_set_string_nocopy(slot, memory, len);
                }
                8 | 9 => _ = ddwaf_object_set_string(slot, start, len, alloc),
                kind => {
                    let capacity = self.random.pick(&[0, 0, 1, 5, 9]);
                    let is_map = kind >= 13;
                    let made = if is_map {
                        ddwaf_object_set_map(slot, capacity, alloc)
                    } else {
                        ddwaf_object_set_array_large(slot, capacity.into(), alloc)
                    };
                    if !made.is_null() {
                        for _ in 0..self.random.pick(&[0, 1, 2, 5, 9, 17]) {
                            let item = self.insert(slot, is_map);
                            if !item.is_null() {
                                self.fill(item, depth + 1);
                            }
                        }
                    }
                }
            }
        }
    }

    unsafe fn insert(&mut self, container: *mut Object, is_map: bool) -> *mut Object {
        let alloc = self.ledger.handle();
        let key = self.random.pick(&WORDS);
        let (start, len) = (chars(key), key.len() as u32);
        unsafe {
            if !is_map {
                return ddwaf_object_insert(container, alloc);
            }
            match self.random.below(3) {
                0 => ddwaf_object_insert_key(container, start, len, alloc),
                1 => ddwaf_object_insert_literal_key(container, start, len, alloc),
                _ => {
                    let memory = self.ledger.bytes(key.as_bytes());
                    let item = ddwaf_object_insert_key_nocopy(container, memory, len, alloc);
                    if item.is_null() && !memory.is_null() {
                        ddwaf_allocator_free(alloc, memory.cast(), key.len(), 1);
                    }
                    item
                }
            }
        }
    }

    /// A map of a few addresses, mostly; else anything.
    unsafe fn data(&mut self) -> Object {
        let mut object = fresh();
        unsafe {
            ddwaf_object_set_invalid(&mut object);
            if self.random.one_in(8) {
                self.fill(&raw mut object, 0);
                return object;
            }
            if ddwaf_object_set_map(&mut object, 2, self.ledger.handle()).is_null() {
                return object;
            }
            for _ in 0..self.random.below(4) {
                let address = self.random.pick(&["a", "b", "c", "d", "e"]);
                let slot = ddwaf_object_insert_key(&mut object, chars(address), 1, self.ledger.handle());
                if !slot.is_null() {
                    self.fill(slot, 1);
                }
            }
        }
        object
    }

    unsafe fn eval(&mut self) {
        let Some(&(context, is_sub)) = self.contexts.get(self.random.below(self.contexts.len().max(1)))
        else {
            return;
        };
        let batches = self.random.one_in(6);
        let function = match (is_sub, batches) {
            (false, false) => ddwaf_context_eval as Eval,
            (false, true) => ddwaf_context_multieval,
            (true, false) => ddwaf_subcontext_eval,
            (true, true) => ddwaf_subcontext_multieval,
        };
        unsafe {
            let mut data = self.data();
            if batches {
                let inner = data;
                data = fresh();
                ddwaf_object_set_array(&mut data, 0, default());
                // An array of one batch; the array itself is refused now and then, and the batch with it.
                if ddwaf_object_set_array(&mut data, 1, self.ledger.handle()).is_null() {
                    data = inner;
                } else {
                    ddwaf_object_insert(&mut data, self.ledger.handle()).write(inner);
                }
            }
            let timeout = self.random.pick(&[LONG, LONG, LONG, 0, 1, u64::MAX]);
            let mut result = fresh();
            let out = if self.random.one_in(4) { null_mut() } else { &raw mut result };
            let code = if self.random.one_in(3) {
                let mut data = Box::new(data);
                let code = function(context, &raw mut *data, null_mut(), out, timeout);
                self.lent.push(data);
                code
            } else {
                function(context, &mut data, self.ledger.handle(), out, timeout)
            };
            let worst = if self.is_rich { ERR_INVALID_OBJECT } else { ERR_INTERNAL };
            assert!((worst..=MATCH).contains(&code) && code != ERR_INVALID_ARGUMENT, "{code}");
            self.matches += usize::from(code == MATCH);
            if !out.is_null() && code >= OK {
                let shown = text(&result);
                let events = result.get(b"events").and_then(Object::as_array).map_or(0, <[_]>::len);
                assert_eq!(events > 0, code == MATCH, "{shown}");
                ddwaf_object_destroy(&mut result, self.ledger.handle());
            } else {
                assert!(is_untouched(&result));
            }
        }
    }

    unsafe fn configure(&mut self) {
        let path = self.random.pick(&["one", "two"]);
        let (start, len) = (chars(path), path.len() as u32);
        unsafe {
            match self.random.below(4) {
                0 => _ = ddwaf_builder_remove_config(self.builder, start, len),
                1 => {
                    let mut paths = fresh();
                    let count = ddwaf_builder_get_config_paths(self.builder, &mut paths, chars("o"), 1);
                    assert_eq!(ddwaf_object_get_size(&paths), count as usize);
                    ddwaf_object_destroy(&mut paths, default());
                }
                kind => {
                    // Sometimes a sound one, sometimes noise.
                    let mut config = fresh();
                    ddwaf_object_set_null(&mut config);
                    if kind == 2 {
                        self.fill(&raw mut config, 0);
                    } else {
                        config = try_json(
                            r#"{"actions":[{"id":"x","type":"log","parameters":{}}]}"#,
                            self.ledger.handle(),
                        )
                        .0;
                    }
                    let mut diagnostics = fresh();
                    ddwaf_builder_add_or_update_config(self.builder, start, len, &config, &mut diagnostics);
                    ddwaf_object_destroy(&mut diagnostics, default());
                    ddwaf_object_destroy(&mut config, self.ledger.handle());
                    assert!(ddwaf_builder_build_instance(self.builder).is_null());
                }
            }
        }
    }

    unsafe fn step(&mut self) {
        let alloc = self.ledger.handle();
        let any = |random: &mut Random, count: usize| random.below(count.max(1));
        unsafe {
            match self.random.below(16) {
                0..3 => {
                    let object = self.data();
                    self.objects.push(object);
                }
                3 => {
                    let at = any(&mut self.random, self.objects.len());
                    if let Some(source) = self.objects.get(at) {
                        let mut copy = fresh();
                        if !ddwaf_object_clone(source, &mut copy, alloc).is_null() {
                            assert_eq!(text(source), text(&copy));
                            self.objects.push(copy);
                        }
                    }
                }
                4 => {
                    let at = any(&mut self.random, self.objects.len());
                    if at < self.objects.len() {
                        ddwaf_object_destroy(&mut self.objects.swap_remove(at), alloc);
                    }
                }
                5 => {
                    let at = any(&mut self.random, self.objects.len());
                    if let Some(object) = self.objects.get(at) {
                        let (shown, size) = (text(object), ddwaf_object_get_size(object));
                        let last = ddwaf_object_at_value(object, size.wrapping_sub(1));
                        assert_eq!(last.is_null(), size == 0);
                        let (copy, made) = try_json(&shown, alloc);
                        if made {
                            self.objects.push(copy);
                        }
                    }
                }
                6 | 7 => {
                    let handle = self.random.pick(self.instances);
                    self.contexts.push((ddwaf_context_init(handle, alloc), false));
                }
                8 => {
                    let at = any(&mut self.random, self.contexts.len());
                    if let Some(&(parent, _)) = self.contexts.get(at) {
                        self.contexts.push((ddwaf_subcontext_init(parent), true));
                    }
                }
                9 => {
                    let at = any(&mut self.random, self.contexts.len());
                    if at < self.contexts.len() {
                        destroy(self.contexts.swap_remove(at));
                    }
                }
                10 => self.configure(),
                _ => self.eval(),
            }
        }
    }
}

unsafe fn destroy((context, is_sub): (*mut ContextHandle, bool)) {
    unsafe {
        if is_sub {
            ddwaf_subcontext_destroy(context);
        } else {
            ddwaf_context_destroy(context);
        }
    }
}

/// The sequence that bytes choose; gives the number of evaluations that matched, and of requests for memory.
pub(crate) fn of_tape(tape: &[u8], instances: &[*mut InstanceHandle]) -> (usize, usize) {
    sequence(Random { tape, state: 0 }, instances)
}

fn sequence(mut random: Random<'_>, instances: &[*mut InstanceHandle]) -> (usize, usize) {
    let refuse = match random.below(4) {
        0 => Refuse::Only(random.below(100)),
        1 => Refuse::From(random.below(200)),
        _ => Refuse::Nothing,
    };
    let ledger = Ledger::refusing(refuse, false);
    let mut world = World {
        random,
        ledger: &ledger,
        is_rich: refuse == Refuse::Nothing,
        instances,
        objects: Vec::new(),
        contexts: Vec::new(),
        lent: Vec::new(),
        builder: ddwaf_builder_init(),
        matches: 0,
    };
    unsafe {
        for _ in 0..30 {
            world.step();
        }
        while !world.contexts.is_empty() {
            let at = world.random.below(world.contexts.len());
            destroy(world.contexts.swap_remove(at));
        }
        for object in &mut world.objects {
            ddwaf_object_destroy(object, ledger.handle());
        }
        for object in &mut world.lent {
            ddwaf_object_destroy(&raw mut **object, ledger.handle());
        }
        ddwaf_builder_destroy(world.builder);
    }
    let matches = world.matches;
    ledger.assert_settled();
    (matches, ledger.requests())
}

#[test]
fn a_tape_chooses_a_sequence() {
    let instances = [instance(CONFIG)];
    let [one, other] = [b"\x03\0\x05\x0b", b"\x03\x06\x05\x0b"].map(|tape| of_tape(tape, &instances));
    assert_ne!(one, other);
    unsafe { ddwaf_destroy(instances[0]) };
}

#[test]
fn random_sequences_lose_nothing() {
    let instances = [instance(CONFIG), instance(CONFIG)];
    let (mut matches, mut requests) = (0, 0);
    for seed in 0..3000 {
        let random = Random { tape: &[], state: u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15) };
        let (more_matches, more_requests) = sequence(random, &instances);
        matches += more_matches;
        requests += more_requests;
    }
    assert!(matches > 1000 && requests > 100_000, "the sequences do too little: {matches}, {requests}");
    for instance in instances {
        unsafe { ddwaf_destroy(instance) };
    }
}

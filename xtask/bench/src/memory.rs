//! What instances and contexts hold, of one library in a process of its own.

use crate::ddwaf::{Library, Objects};
use crate::traffic::{Class, requests};
use crate::{Memory, Outcome, read, write};
use serde_json::json;
use std::time::{Duration, Instant};

/// Contexts that are open at the same time.
const CONTEXTS: usize = 100;

/// Bytes: what the C heap has handed out, and what the process has written to and shares with nobody.
#[derive(Clone, Copy)]
struct Held {
    heap: i64,
    dirty: i64,
}

impl Held {
    fn now() -> Outcome<Self> {
        // SAFETY: gives free pages back; takes nothing that could be wrong.
        unsafe { libc::malloc_trim(0) };
        // SAFETY: reads the heap's own counters.
        let heap = unsafe { libc::mallinfo2() };
        let text = read("/proc/self/smaps_rollup".as_ref())?;
        let line = text.lines().find_map(|line| line.strip_prefix("Private_Dirty:"));
        let kilobytes: i64 = line
            .and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok())
            .ok_or("no Private_Dirty in /proc/self/smaps_rollup")?;
        Ok(Held { heap: (heap.uordblks + heap.hblkhd) as i64, dirty: kilobytes * 1_024 })
    }

    fn since(self, before: Held) -> serde_json::Value {
        json!({"heap": self.heap - before.heap, "private dirty": self.dirty - before.dirty})
    }
}

pub(crate) fn run(options: &Memory) -> Outcome {
    let rules = read(&options.rules)?;
    let traffic: Vec<Objects> = [Class::Benign, Class::Attack, Class::Rasp]
        .into_iter()
        .flat_map(|class| requests(class, options.seed, 25))
        .map(|request| Objects::of(&request))
        .collect();
    // What this program needs for measuring is there before it measures.
    Held::now()?;
    let before = Held::now()?;
    let library = Library::open(&options.library)?;
    let loaded = Held::now()?;
    let instance = library.load(&rules)?;
    let built = Held::now()?;
    instance.pass(&traffic);
    let warm = Held::now()?;
    let further = library.load(&rules)?;
    further.pass(&traffic);
    let second = Held::now()?;
    let contexts: Vec<_> = (0..CONTEXTS).map(|_| instance.context()).collect();
    let opened = Held::now()?;
    for (context, objects) in contexts.iter().zip(&traffic) {
        context.play(objects);
    }
    let evaluated = Held::now()?;
    drop(contexts);
    drop((instance, further));
    let left = Held::now()?;
    let each = |after: Held, before: Held| {
        let count = CONTEXTS as i64;
        json!({"heap": (after.heap - before.heap) / count, "private dirty": (after.dirty - before.dirty) / count})
    };
    write(
        &options.out,
        &json!({
            "loading the library": loaded.since(before),
            "handle once built": built.since(loaded),
            "handle after traffic": warm.since(loaded),
            "further handle after traffic": second.since(warm),
            "context at its start": each(opened, second),
            "context once evaluated": each(evaluated, second),
            "left after destroy": left.since(loaded),
        }),
    )
}

/// Nanoseconds of processor time that this thread has had.
fn processor_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to the place that it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Two threads on one instance against two threads on one instance each: best processor time and best time of both.
pub(crate) fn threads(options: &Memory) -> Outcome {
    let rules = read(&options.rules)?;
    let library = Library::open(&options.library)?;
    let instances = [library.load(&rules)?, library.load(&rules)?];
    let traffic: Vec<Objects> = requests(Class::Benign, options.seed, 40).iter().map(Objects::of).collect();
    // Long enough that the start of a thread does not matter, short enough for many turns.
    let mut passes = 1;
    loop {
        let began = Instant::now();
        for _ in 0..passes {
            instances[0].pass(&traffic);
        }
        if began.elapsed() > Duration::from_millis(60) {
            break;
        }
        passes *= 2;
    }
    let turn = |shared: bool| {
        let began = Instant::now();
        let work = |instance: &crate::ddwaf::Instance<'_>| {
            let began = processor_time();
            for _ in 0..passes {
                instance.pass(&traffic);
            }
            processor_time() - began
        };
        let processor: u64 = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2)
                .map(|n| {
                    let instance = &instances[if shared { 0 } else { n }];
                    scope.spawn(move || work(instance))
                })
                .collect();
            threads.into_iter().map(|t| t.join().expect("the work does not panic")).sum()
        });
        (processor, began.elapsed().as_nanos() as u64)
    };
    let mut best = [[u64::MAX; 2]; 2];
    for round in 0..24 {
        for flip in 0..2 {
            let shared = (round + flip) % 2 == 0;
            let (processor, wall) = turn(shared);
            let best = &mut best[usize::from(shared)];
            *best = [best[0].min(processor), best[1].min(wall)];
        }
    }
    let [own, shared] = best;
    write(
        &options.out,
        &json!({
            "one instance each": {"processor ns": own[0], "wall ns": own[1]},
            "one instance": {"processor ns": shared[0], "wall ns": shared[1]},
            "ratio of processor time": shared[0] as f64 / own[0] as f64,
            "ratio of time": shared[1] as f64 / own[1] as f64,
        }),
    )
}

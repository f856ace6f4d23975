use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const DAY: i64 = 24 * 3_600_000;

fn record(n: usize) -> Record {
    Record {
        id: format!("{n:08}"),
        kind: if n % 5 == 4 { Kind::Event } else { Kind::Response },
        made_at: n as i64,
        label: format!("Số {n}"),
        body: format!("{{\"n\":{n}}}"),
        state: State::Finished,
    }
}

fn reply(id: &str, status: &str, proof: Option<&str>) -> Reply {
    Reply { id: id.to_owned(), status: status.to_owned(), proof: proof.map(str::to_owned), ..Reply::default() }
}

fn proves(id: &str, proof: &str) -> bool {
    proof == format!("proof of {id}")
}

fn one() -> (Queue, Vec<String>) {
    let mut queue = Queue::load([record(0)]);
    let batch = queue.batch(Kind::Response);
    assert_eq!(batch, ["00000000"]);
    (queue, batch)
}

#[test]
fn stored_without_a_proof_or_with_a_wrong_one_is_not_believed() {
    for proof in [None, Some("proof of another"), Some("")] {
        let (mut queue, batch) = one();
        assert!(queue.answered(&batch, vec![reply(&batch[0], "stored", proof)], 0, &proves).is_empty());
        assert_eq!(queue.counts(Kind::Response), Counts { waiting: 1, kept: 0, held: 0 });
        assert_eq!(queue.unproven, 1);
        assert!(!queue.is_due(1));
        assert!(queue.expire(100 * DAY).is_empty());
    }
}

#[test]
fn what_the_reply_leaves_out_or_spells_in_a_new_way_is_sent_again() {
    let (mut queue, batch) = one();
    assert!(queue.answered(&batch, vec![reply("another", "stored", Some("proof of another"))], 0, &proves).is_empty());
    queue.hurry();
    let again = queue.batch(Kind::Response);
    assert_eq!(again, batch);
    assert!(queue.answered(&again, vec![reply(&batch[0], "postponed", None)], 0, &proves).is_empty());
    assert_eq!(queue.counts(Kind::Response).waiting, 1);
}

#[test]
fn a_duplicate_is_the_success_whose_reply_was_lost() {
    let (mut queue, batch) = one();
    queue.failed(&batch, Failure::Lost, 0, 0.5);
    queue.hurry();
    let again = queue.batch(Kind::Response);
    let told = vec![reply(&again[0], "duplicate", Some("proof of 00000000"))];
    assert_eq!(queue.answered(&again, told, 7, &proves), again);
    assert_eq!(queue.get("00000000").map(|r| &r.state), Some(&State::Kept { at: 7, receipt: None }));
}

#[test]
fn conflicts_and_invalid_ones_stay_and_can_be_sent_again_by_hand() {
    for status in ["conflict", "invalid"] {
        let (mut queue, batch) = one();
        assert_eq!(queue.answered(&batch, vec![reply(&batch[0], status, None)], 0, &proves), batch);
        assert!(queue.batch(Kind::Response).is_empty() && queue.expire(1_000 * DAY).is_empty());
        assert_eq!(queue.counts(Kind::Response).held, 1);
        assert!(queue.release(&batch[0]) && !queue.release(&batch[0]));
        assert_eq!(queue.batch(Kind::Response), batch);
    }
}

#[test]
fn one_that_cannot_be_read_does_not_stop_those_behind_it() {
    let mut queue = Queue::load((0..4).map(record));
    // The server refuses every request that holds record 1.
    let mut kept = BTreeSet::new();
    for _ in 0..20 {
        let batch = queue.batch(Kind::Response);
        if batch.contains(&"00000001".to_owned()) {
            queue.failed(&batch, Failure::Refused, 0, 0.0);
        } else {
            let told = batch.iter().map(|id| reply(id, "stored", Some(&format!("proof of {id}")))).collect();
            kept.extend(queue.answered(&batch, told, 0, &proves));
        }
    }
    assert_eq!(kept.len(), 3);
    assert_eq!(queue.counts(Kind::Response), Counts { waiting: 0, kept: 3, held: 1 });
}

#[test]
fn pauses_double_up_to_ten_minutes_and_a_clock_set_back_does_not_lengthen_them() {
    let (mut queue, mut batch) = one();
    let mut last = 0;
    for _ in 0..12 {
        queue.failed(&batch, Failure::Lost, 0, 1.0);
        let pause = queue.not_before;
        assert!(pause >= last && pause <= PAUSE_MAX_MS);
        last = pause;
        queue.not_before = i64::MIN;
        batch = queue.batch(Kind::Response);
    }
    assert_eq!(last, PAUSE_MAX_MS);
    queue.failed(&batch, Failure::Lost, 0, 0.0);
    assert!(!queue.is_due(PAUSE_MAX_MS / 2 - 1) && queue.is_due(PAUSE_MAX_MS / 2));
    assert!(queue.is_due(-DAY));
}

#[test]
fn a_device_that_the_server_does_not_know_keeps_everything_and_asks_again_after_a_while() {
    let (mut queue, batch) = one();
    queue.failed(&batch, Failure::Unknown, 0, 0.0);
    assert!(!queue.is_due(PAUSE_MAX_MS - 1) && queue.is_due(PAUSE_MAX_MS));
    assert_eq!(queue.counts(Kind::Response).waiting, 1);
}

#[test]
fn what_a_restored_server_has_lost_waits_again_and_nothing_else_does() {
    let kept = |n: usize| Record { state: State::Kept { at: 0, receipt: None }, ..record(n) };
    let held = State::Held { status: "conflict".to_owned(), why: String::new() };
    let mut queue = Queue::load([kept(0), kept(1), kept(2), record(3), Record { state: held, ..record(5) }]);
    assert_eq!(queue.kept(2), [vec!["00000000".to_owned(), "00000001".to_owned()], vec!["00000002".to_owned()]]);
    let lost = ["00000001", "00000003", "00000005", "stranger"].map(str::to_owned);
    assert_eq!(queue.lost(&lost), ["00000001"]);
    let counts = queue.counts(Kind::Response);
    assert_eq!((counts.waiting, counts.kept, counts.held), (2, 2, 1));
    assert_eq!(queue.batch(Kind::Response), ["00000001", "00000003"]);
}

#[test]
fn a_share_of_a_quota_is_asked_for_before_the_answers_within_it() {
    let event =
        |n: usize, what: &str| Record { kind: Kind::Event, body: format!("{{\"what\":\"{what}\"}}"), ..record(n) };
    assert_eq!(Queue::load([record(0), event(1, "attempt")]).order(), [Kind::Response, Kind::Event]);
    assert_eq!(Queue::load([record(0), event(1, "lease")]).order(), [Kind::Event, Kind::Response]);
}

#[test]
fn the_second_copy_goes_after_fourteen_days() {
    let (mut queue, batch) = one();
    queue.answered(&batch, vec![reply(&batch[0], "stored", Some("proof of 00000000"))], 0, &proves);
    assert!(queue.expire(KEEP_MS).is_empty());
    assert_eq!(queue.expire(KEEP_MS + 1), batch);
}

#[test]
fn a_newer_count_takes_the_place_of_one_that_was_never_sent_and_of_no_other() {
    let count = |n: usize| Record { kind: Kind::Event, label: "presses 1 100".to_owned(), ..record(n) };
    let mut queue = Queue::load([count(1), record(0)]);
    let batch = queue.batch(Kind::Event);
    queue.failed(&batch, Failure::Lost, 0, 0.0);
    queue.add(count(2));
    // The first may be with the server; an answer is never superseded.
    assert_eq!(queue.superseded("presses 1 100"), ["00000002"]);
    assert!(queue.superseded("Số 0").is_empty());
    queue.add(count(3));
    queue.supersede(&["00000000".to_owned(), "00000001".to_owned(), "00000002".to_owned()]);
    assert_eq!(
        queue.records().map(|record| record.id.as_str()).collect::<Vec<_>>(),
        ["00000000", "00000001", "00000003"]
    );
}

#[test]
fn a_batch_has_at_most_fifty() {
    let mut queue = Queue::load((0..200).map(record));
    assert_eq!(queue.batch(Kind::Response).len(), BATCH);
}

/// A server that keeps what it was sent, by id.
#[derive(Default)]
struct Server {
    kept: BTreeMap<String, String>,
    told_twice: usize,
}

impl Server {
    fn take(&mut self, queue: &Queue, batch: &[String]) -> Vec<Reply> {
        let mut replies = Vec::new();
        for id in batch {
            let body = queue.get(id).map(|record| record.body.clone()).unwrap_or_default();
            let status = match self.kept.get(id) {
                None => "stored",
                Some(before) if *before == body => "duplicate",
                Some(_) => "conflict",
            };
            self.told_twice += usize::from(status == "duplicate");
            self.kept.entry(id.clone()).or_insert(body);
            replies.push(reply(id, status, Some(&format!("proof of {id}"))));
        }
        replies
    }
}

#[derive(Clone, Debug)]
enum Step {
    Finish,
    Send,
    RequestLost,
    ReplyLost,
    ReplyForged,
    ReplyCut(usize),
    ReplyTwice,
    Killed,
    KilledBeforeReply,
    Days(i64),
    SetBack(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => Just(Step::Finish),
        4 => Just(Step::Send),
        2 => Just(Step::RequestLost),
        2 => Just(Step::ReplyLost),
        1 => Just(Step::ReplyForged),
        1 => (0_usize..60).prop_map(Step::ReplyCut),
        1 => Just(Step::ReplyTwice),
        2 => Just(Step::Killed),
        2 => Just(Step::KilledBeforeReply),
        1 => (1_i64..20).prop_map(Step::Days),
        1 => (1_i64..3).prop_map(Step::SetBack),
    ];
    proptest::collection::vec(step, 0..120)
}

proptest! {
    /// Whatever is lost, killed, forged or told twice: what is on the disk is everything that was finished, less what
    /// the server has; and once the network is good, the server has each exactly once.
    #[test]
    fn nothing_is_lost_and_nothing_leaves_unproved(steps in steps()) {
        let mut now = 0_i64;
        let mut made = 0_usize;
        // The disk: written whenever the product writes.
        let mut disk: BTreeMap<String, Record> = BTreeMap::new();
        let mut queue = Queue::load([]);
        let mut server = Server::default();
        let write = |disk: &mut BTreeMap<String, Record>, queue: &Queue, ids: &[String]| {
            for id in ids {
                if let Some(record) = queue.get(id) {
                    disk.insert(id.clone(), record.clone());
                }
            }
        };
        for step in steps {
            match step {
                Step::Finish => {
                    let new = record(made);
                    made += 1;
                    disk.insert(new.id.clone(), new.clone());
                    queue.add(new);
                }
                Step::Days(days) => now += days * DAY,
                Step::SetBack(days) => now -= days * DAY,
                Step::Killed => queue = Queue::load(disk.values().cloned()),
                _ => for kind in [Kind::Response, Kind::Event] {
                    queue.hurry();
                    let batch = queue.batch(kind);
                    prop_assert!(batch.len() <= BATCH);
                    if batch.is_empty() {
                        continue;
                    }
                    let changed = match step {
                        Step::RequestLost => queue.failed(&batch, Failure::Lost, now, 0.3),
                        Step::ReplyForged => {
                            let forged = batch.iter().map(|id| reply(id, "stored", Some("forged"))).collect();
                            queue.answered(&batch, forged, now, &proves)
                        }
                        Step::ReplyLost => {
                            server.take(&queue, &batch);
                            queue.failed(&batch, Failure::Lost, now, 0.9)
                        }
                        Step::KilledBeforeReply => {
                            server.take(&queue, &batch);
                            queue = Queue::load(disk.values().cloned());
                            vec![]
                        }
                        Step::ReplyCut(at) => {
                            let mut replies = server.take(&queue, &batch);
                            replies.truncate(at);
                            queue.answered(&batch, replies, now, &proves)
                        }
                        Step::ReplyTwice => {
                            let replies = server.take(&queue, &batch);
                            let changed = queue.answered(&batch, replies.clone(), now, &proves);
                            prop_assert!(queue.answered(&batch, replies, now, &proves).is_empty());
                            changed
                        }
                        _ => {
                            let replies = server.take(&queue, &batch);
                            queue.answered(&batch, replies, now, &proves)
                        }
                    };
                    write(&mut disk, &queue, &changed);
                },
            }
            for id in queue.expire(now) {
                prop_assert!(server.kept.contains_key(&id), "{id} left before the server had it");
                disk.remove(&id);
            }
            for n in 0..made {
                let id = record(n).id;
                prop_assert!(disk.contains_key(&id) || server.kept.contains_key(&id), "{id} is lost");
                let held = matches!(disk.get(&id).map(|r| &r.state), Some(State::Held { .. }));
                prop_assert!(!held, "nothing was refused");
            }
        }
        // Home, with a good network.
        for _ in 0..made {
            for kind in [Kind::Response, Kind::Event] {
                queue.hurry();
                let batch = queue.batch(kind);
                let replies = server.take(&queue, &batch);
                queue.answered(&batch, replies, now, &proves);
            }
        }
        prop_assert!(queue.is_sent());
        prop_assert_eq!(server.kept.len(), made);
        for n in 0..made {
            prop_assert_eq!(server.kept.get(&record(n).id), Some(&record(n).body));
        }
    }
}

//! Decisions and call-backs on both databases: refusals first; after each the recount agrees and the index moves as it must.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[path = "support/interviews.rs"]
mod interviews;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/signed_in.rs"]
mod signed_in;

use std::sync::Arc;

use app::domain::answer::Answer;
use app::domain::quality::Interviewer;
use app::domain::quality::callback::{CallbackOutcome, SETTLED_MS, size};
use app::domain::quality::decision::{DecisionKind, NamedRule, Reason, Verdict};
use app::domain::response::{Marks, Mode, Standing};
use app::domain::role::Publish;
use app::domain::staff_log::Who;
use app::server_side::quality::same_again;
use app::store::quality::{CallbackFault, NewProposal, QualityFault};
use city::{NOW, form};
use interviews::{MINUTE, WHY, interview, places, responses, unit};
use sea_orm::ConnectionTrait as _;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_leaves_out_all_it_fits_and_its_withdrawal_takes_them_back() {
    for place in places("quality_rule").await {
        let look = place.look().await;
        let fits = look.fits(NamedRule::TooFast);
        assert_eq!(fits, responses(&[28, 29, 30]), "the first look names the three of ten seconds");
        assert!(look.parameters(NamedRule::TooFast).contains("danh sách mẫu: 1/3 của trung vị 300 giây"));
        assert_eq!(place.counts().await, (30, 0, 27));
        assert_eq!(place.apply(&Who::command("test"), &fits).await, Err(QualityFault::Nobody), "a person does it");
        assert_eq!(place.counts().await, (30, 0, 27), "and nothing was changed");

        assert_eq!(place.apply(&place.first, &fits).await, Ok(3));
        assert_eq!(place.counts().await, (27, 3, 27));
        assert_eq!(place.look().await.fits(NamedRule::TooFast), responses(&[]));
        assert_eq!(place.apply(&place.first, &fits).await, Err(QualityFault::Nothing), "once is once");
        let shown = place.store.excluded_by_reason(place.round()).await.expect("read");
        assert_eq!(shown, [(Reason::TooFast, 3)]);

        let withdraw =
            |words: &'static str, id| place.store.withdraw_rule(&place.may, &place.second, place.round(), id, words);
        assert_eq!(withdraw("sai", 1).await.expect("asked"), Err(QualityFault::Reason));
        assert_eq!(withdraw(WHY, 9).await.expect("asked"), Err(QualityFault::Gone));
        assert_eq!(withdraw(WHY, 1).await.expect("asked"), Ok(3));
        assert_eq!(withdraw(WHY, 1).await.expect("asked"), Err(QualityFault::Gone), "withdrawn once");
        assert_eq!(place.counts().await, (30, 0, 27));
        assert_eq!(place.store.excluded_by_reason(place.round()).await.expect("read"), []);
        let kept = place.store.decisions(&place.may, place.round()).await.expect("read");
        let kinds: Vec<_> = kept.iter().map(|d| (d.kind, d.changed, d.rule, d.withdraws)).collect();
        let rule = Some((NamedRule::TooFast, 1));
        assert_eq!(kinds, [(DecisionKind::RuleBack, 3, rule, Some(1)), (DecisionKind::RuleOut, 3, rule, None)]);
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_responses_are_left_out_and_taken_back_by_two_people() {
    for place in places("quality_two").await {
        let two = responses(&[1, 2]);
        let short = NewProposal { kind: DecisionKind::Out, ids: &two, reason: Reason::Other, words: "vì sai" };
        let asked = place.store.propose(&place.may, &place.first, place.round(), &short).await.expect("asked");
        assert_eq!(asked, Err(QualityFault::Reason));
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &[]).await, Err(QualityFault::Nothing));
        assert_eq!(place.propose(&place.first, DecisionKind::Back, &two).await, Err(QualityFault::Nothing));
        assert_eq!(place.propose(&place.first, DecisionKind::RuleOut, &two).await, Err(QualityFault::Nothing));
        let strangers: Vec<Uuid> = (900..1_001).map(Uuid::from_u128).collect();
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &strangers).await, Err(QualityFault::TooMany));
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &strangers[..1]).await, Err(QualityFault::Nothing));

        assert_eq!(place.propose(&place.first, DecisionKind::Out, &two).await, Ok(1));
        assert_eq!(place.counts().await, (30, 0, 27), "a proposal changes nothing");
        assert_eq!(place.propose(&place.second, DecisionKind::Out, &two).await, Err(QualityFault::Waiting));
        assert_eq!(place.decide(&place.first, 1, true).await, Err(QualityFault::Own));
        assert_eq!(place.decide(&Who::command("test"), 1, true).await, Err(QualityFault::Nobody));
        assert_eq!(place.decide(&place.second, 1, true).await, Ok(2));
        assert_eq!(place.decide(&place.second, 1, true).await, Err(QualityFault::Gone));
        assert_eq!(place.counts().await, (28, 2, 25));

        // One comes back; who does not agree changes nothing, and who proposed may take it back.
        assert_eq!(place.propose(&place.second, DecisionKind::Back, &two[..1]).await, Ok(2));
        assert_eq!(place.decide(&place.first, 2, false).await, Ok(0));
        assert_eq!(place.propose(&place.second, DecisionKind::Back, &two[..1]).await, Ok(3));
        assert_eq!(place.decide(&place.second, 3, false).await, Ok(0));
        assert_eq!(place.counts().await, (28, 2, 25));
        assert_eq!(place.propose(&place.second, DecisionKind::Back, &two[..1]).await, Ok(4));
        assert_eq!(place.decide(&place.first, 4, true).await, Ok(1));
        assert_eq!(place.counts().await, (29, 1, 26));
        assert_eq!(place.store.excluded_by_reason(place.round()).await.expect("read"), [(Reason::NotHeld, 1)]);
        let verdicts: Vec<Verdict> =
            place.store.decisions(&place.may, place.round()).await.expect("read").iter().map(|d| d.verdict).collect();
        assert_eq!(verdicts, [Verdict::Agreed, Verdict::Declined, Verdict::Declined, Verdict::Agreed]);
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_review_comes_back_as_that_and_the_database_itself_wants_two_people() {
    for place in places("quality_was").await {
        place.run(&format!("UPDATE response SET standing = 3 WHERE id = {}", place.id(Uuid::from_u128(5)))).await;
        let id = place.propose(&place.first, DecisionKind::Out, &responses(&[5])).await.expect("proposed");
        let own = format!("UPDATE quality_decision SET verdict = 2, decided_by = proposed_by WHERE id = {id}");
        let db = sea_orm::Database::connect(&place.url).await.expect("connects");
        assert!(db.execute_unprepared(&own).await.is_err(), "the constraint refuses the same person");
        assert!(db.execute_unprepared("UPDATE quality_decision SET verdict = 2").await.is_err(), "and nobody");
        db.close().await.expect("closes");
        place.decide(&place.second, id, true).await.expect("agreed");
        let back = place.propose(&place.second, DecisionKind::Back, &responses(&[5])).await.expect("proposed");
        place.decide(&place.first, back, true).await.expect("agreed");
        let stands = place.look().await.interviews.iter().find(|i| i.id == Uuid::from_u128(5)).map(|i| i.standing);
        assert_eq!(stands, Some(Standing::Suspect));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_review_is_taken_in_by_two_people_as_what_it_is() {
    for place in places("quality_in").await {
        // The second answer of one person, whole; one with too little answered; and one that is in the index.
        let mut second = interview(&place.city, 31, 1, 1, 5 * MINUTE);
        second.mark_suspect(Marks::SECOND_OF_UNIT);
        let mut few = interview(&place.city, 32, 1, 1, 5 * MINUTE);
        few.sheet.answers[1..].fill(Answer::Blank);
        few.mark_suspect(Marks::OVER_QUOTA);
        for outcome in place.store.submit_many(vec![second, few]).await.expect("taken") {
            outcome.expect("stored");
        }
        let three = responses(&[1, 31, 32]);
        assert_eq!(place.propose(&place.first, DecisionKind::In, &three[..1]).await, Err(QualityFault::Nothing));
        let id = place.propose(&place.first, DecisionKind::In, &three).await.expect("proposed");
        assert_eq!(place.decide(&place.first, id, true).await, Err(QualityFault::Own));
        assert_eq!(place.decide(&place.second, id, true).await, Ok(2));
        let look = place.look().await;
        let stands = |n: u128| look.interviews.iter().find(|i| i.id == Uuid::from_u128(n)).map(|i| i.standing);
        assert_eq!((stands(31), stands(32)), (Some(Standing::Valid), Some(Standing::Incomplete)));
        let recount = place.store.recount().await.expect("it runs");
        assert_eq!((recount.differences, recount.responses), (vec![], 32));
        // It can be left out again, and comes back as what it was taken in as.
        let out = place.propose(&place.first, DecisionKind::Out, &three[1..2]).await.expect("proposed");
        assert_eq!(place.decide(&place.second, out, true).await, Ok(1));
        let back = place.propose(&place.first, DecisionKind::Back, &three[1..2]).await.expect("proposed");
        assert_eq!(place.decide(&place.second, back, true).await, Ok(1));
        let look = place.look().await;
        assert!(look.interviews.iter().any(|i| i.id == three[1] && i.standing == Standing::Valid));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_form_of_nobody_on_the_list_is_not_taken_in_as_if_it_were_drawn() {
    for place in places("quality_in_paper").await {
        place.list().await;
        let paper = |n: u128, mark| {
            let mut one = interview(&place.city, n, 1, 4, 5 * MINUTE);
            one.mode = Mode::Paper;
            one.mark_suspect(mark);
            one
        };
        let three =
            vec![paper(31, Marks::LATE), paper(32, Marks::LATE), paper(33, Marks::LATE.with(Marks::SECOND_OF_UNIT))];
        for outcome in place.store.submit_many(three).await.expect("taken") {
            outcome.expect("stored");
        }
        place.link(32..=32).await;
        let ids = responses(&[31, 32, 33]);
        let id = place.propose(&place.first, DecisionKind::In, &ids).await.expect("proposed");
        assert_eq!(place.decide(&place.second, id, true).await, Ok(3));
        let look = place.look().await;
        let stands = ids.iter().map(|id| look.interviews.iter().find(|i| i.id == *id).map(|i| i.standing));
        let wanted = [Standing::Incomplete, Standing::Valid, Standing::Valid].map(Some);
        assert_eq!(stands.collect::<Vec<_>>(), wanted, "no number, its own, and the second of somebody");
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_agree_at_once_change_each_response_once() {
    for place in places("quality_race").await {
        let id = place.propose(&place.first, DecisionKind::Out, &responses(&[1, 2, 3, 28])).await.expect("proposed");
        let place = Arc::new(place);
        let mut tasks = vec![];
        for n in 0..12 {
            let place = Arc::clone(&place);
            tasks.push(tokio::spawn(async move {
                match n % 3 {
                    0 => place.decide(&place.first, id, true).await,
                    1 => place.decide(&place.second, id, true).await,
                    _ => place.apply(&place.first, &responses(&[28, 29, 30])).await,
                }
            }));
        }
        let mut changed = 0;
        for task in tasks {
            match task.await.expect("no panic") {
                Ok(n) => changed += n,
                Err(fault) => assert!(
                    matches!(fault, QualityFault::Own | QualityFault::Gone | QualityFault::Nothing),
                    "{fault:?}"
                ),
            }
        }
        assert_eq!(changed, 6, "1, 2, 3 by two people and 28, 29, 30 by either");
        assert_eq!(place.counts().await, (24, 6, 24));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_of_what_was_left_out_is_a_duplicate_and_takes_nothing_back() {
    for place in places("quality_resend").await {
        place.apply(&place.first, &responses(&[28])).await.expect("applied");
        let again = place.store.submit(interview(&place.city, 28, 1, 1, 10_000)).await.expect("answered");
        assert_eq!(again.stored, app::store::Stored::Duplicate);
        assert_eq!(place.counts().await, (29, 1, 27));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_frozen_nothing_is_decided_any_more() {
    for place in places("quality_frozen").await {
        let id = place.propose(&place.first, DecisionKind::Out, &responses(&[1])).await.expect("proposed");
        place.apply(&place.first, &responses(&[28])).await.expect("applied");
        let actor =
            app::server_side::guard::actor_of(&place.store, "admin-0").await.expect("asked").expect("signed in");
        let publish: Publish = actor.may().expect("an administrator");
        place.store.freeze(&publish, &place.first, place.round(), true).await.expect("it runs").expect("frozen");
        assert_eq!(place.apply(&place.first, &responses(&[29])).await, Err(QualityFault::Frozen));
        assert_eq!(place.decide(&place.second, id, true).await, Err(QualityFault::Frozen));
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &responses(&[2])).await, Err(QualityFault::Frozen));
        let back = place.store.withdraw_rule(&place.may, &place.first, place.round(), 2, WHY).await.expect("asked");
        assert_eq!(back, Err(QualityFault::Frozen));
        assert_eq!(place.counts().await, (29, 1, 27));
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenth_of_each_interviewers_work_is_called_back_and_the_draw_can_be_repeated() {
    for place in places("quality_callback").await {
        assert_eq!(place.draw().await, Err(CallbackFault::Nobody), "nobody names whom");
        place.list().await;
        place.link(1..=25).await;
        let draw = place.draw().await.expect("drawn");
        let callbacks = place.store.callbacks(&place.may, place.round()).await.expect("read");
        // 13 interviews of device 2 (odd numbers) and 12 of device 1.
        assert_eq!(callbacks.len(), (size(13) + size(12)) as usize);
        let people: std::collections::BTreeSet<Interviewer> = callbacks.iter().map(|c| c.by).collect();
        assert_eq!(people.len(), 2);
        let draws = place.store.callback_draws(&place.may, place.round()).await.expect("read");
        assert!(same_again(&draws[0], &callbacks));
        place.run("UPDATE callback_unit SET pos = pos + 1").await;
        let moved = place.store.callbacks(&place.may, place.round()).await.expect("read");
        assert!(!same_again(&draws[0], &moved), "a changed list is found");
        assert_eq!(place.draw().await, Err(CallbackFault::Nobody), "no interview has two chances");
        // What comes later is drawn later.
        let mut late = interview(&place.city, 31, 1, 4, 5 * MINUTE);
        late.received_at = NOW + MINUTE;
        place.store.submit(late).await.expect("stored");
        place.link(31..=31).await;
        place.clock.set(NOW + MINUTE + SETTLED_MS - 1);
        assert_eq!(place.draw().await, Err(CallbackFault::Nobody), "it may not have settled");
        place.clock.set(NOW + MINUTE + SETTLED_MS);
        assert_eq!(place.draw().await, Ok(draw + 1));
        assert_eq!(place.store.callbacks(&place.may, place.round()).await.expect("read").len(), 5);
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_denies_the_interview_is_found_by_the_rule_and_the_end_erases_whom_it_was() {
    for place in places("quality_denied").await {
        place.list().await;
        place.link(1..=10).await;
        place.draw().await.expect("drawn");
        let called = place.store.callbacks(&place.may, place.round()).await.expect("read");
        let (one, response) = (called[0].unit, called[0].response.expect("linked"));
        let note = |unit, outcome, words| {
            place.store.note_callback(&place.may, &place.first, place.round(), unit, (outcome, words))
        };
        let stranger = note(unit(30), CallbackOutcome::Denied, "").await.expect("asked");
        assert_eq!(stranger, Err(CallbackFault::Unknown), "who was not drawn is not called");
        let silent = note(one, CallbackOutcome::Differs, "  ").await.expect("asked");
        assert_eq!(silent, Err(CallbackFault::Note));
        assert_eq!(note(one, CallbackOutcome::NotReached, "").await.expect("asked"), Ok(()));
        assert_eq!(place.look().await.fits(NamedRule::Denied), responses(&[]));
        assert_eq!(note(one, CallbackOutcome::Denied, "không  ai đến").await.expect("asked"), Ok(()));
        let look = place.look().await;
        assert_eq!(look.fits(NamedRule::Denied), [response]);
        let noted = look.callbacks.iter().find(|c| c.unit == one).expect("there");
        assert_eq!((noted.note.as_str(), noted.noted.as_ref().map(|(_, at)| *at)), ("không ai đến", Some(NOW)));
        let sealed = place.store.callback_contacts(&place.may, place.round()).await.expect("read");
        assert_eq!(sealed.len(), called.len(), "of those drawn and of nobody else");

        assert!(place.store.end_quality(&place.may, &place.first, place.round()).await.expect("asked"));
        assert!(!place.store.end_quality(&place.may, &place.first, place.round()).await.expect("asked"), "once");
        assert!(place.store.purge_contacts(&place.first, place.round()).await.expect("purged"));
        let late = note(one, CallbackOutcome::Confirmed, "").await.expect("asked");
        assert_eq!((late, place.draw().await), (Err(CallbackFault::Ended), Err(CallbackFault::Nobody)));
        let after = place.look().await;
        assert!(after.callbacks.iter().all(|c| c.response.is_none()), "which response it was is gone");
        assert_eq!(after.callbacks.iter().filter(|c| c.outcome == Some(CallbackOutcome::Denied)).count(), 1);
        assert!(place.store.callback_contacts(&place.may, place.round()).await.expect("read").is_empty());
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_interviewers_did_not_make_is_neither_looked_at_nor_decided() {
    for place in places("quality_streams").await {
        let mut open = form(&place.city, 77, 4);
        open.marks = Marks::HONEYPOT;
        open.received_at = NOW;
        place.store.submit(open).await.expect("stored");
        assert_eq!(place.look().await.interviews.len(), 30);
        assert_eq!(place.propose(&place.first, DecisionKind::Out, &responses(&[77])).await, Err(QualityFault::Nothing));
        assert_eq!(place.apply(&place.first, &responses(&[77])).await, Err(QualityFault::Nothing));
        place.store.shutdown().await;
    }
}

//! Counting at a desk: who passes, who is to be asked, who refuses; so that the stream has a base.

use leptos::prelude::*;

use super::device;
use super::frame::{SECOND, button, page, run, to};
use super::state::{Screen, Tablet, keys, opened, sealed};
use super::store::Change;
use crate::components::number::say;
use crate::domain::field_work::{Post, What};
use crate::domain::response::local_day;
use crate::domain::text::Lang;
use crate::offline::interview::{Draft, Hands, Step};
use crate::offline::shift::{Shift, lease_left, spent_here};

/// Interviews that are asked for when a lease is used up.
const MORE: u32 = 10;

/// The screen of a post.
pub(super) fn post(tablet: Tablet, lang: Lang, post: i32) -> AnyView {
    let back = to(tablet, say(lang, "Về đầu", "Home"), Screen::Home);
    let Some(place) = tablet.open.with_untracked(|open| open.as_ref().and_then(|open| open.post(post).cloned())) else {
        let words = say(lang, "Quầy này không còn trong danh sách.", "This desk is no longer on the list.");
        return page(tablet, lang, words.to_owned(), ().into_any(), Some(back));
    };
    let shift = RwSignal::new(None::<Shift>);
    let every = place.every;
    run(async move { shift.set(today(tablet, post, every).await) });
    let desk = StoredValue::new(place.clone());
    let left = move || {
        let (lease, kit_at) = tablet.open.with(|open| {
            let open = open.as_ref()?;
            Some((open.post(post)?.lease, open.kit.as_ref()?.server_time))
        })?;
        // When the kit came, by this device's clock.
        let kit_at = kit_at.saturating_add(tablet.facts.with(|facts| facts.clock_off).unwrap_or_default());
        let label = desk.with_value(label);
        let here = tablet.queue.with(|queue| spent_here(queue.records(), &label, kit_at));
        lease_left(lease, here)
    };
    let change = move |change: &dyn Fn(&mut Shift)| {
        let Some(mut now) = shift.get_untracked() else { return };
        change(&mut now);
        shift.set(Some(now.clone()));
        run(async move {
            let _ = keep(tablet, now).await;
        });
    };
    let due = Memo::new(move |_| shift.with(|shift| shift.as_ref().is_some_and(|shift| shift.due)));
    let numbers = move || {
        shift.get().map(|shift| {
            let Shift { passers, asked, refused, .. } = shift;
            view! {
                <dl class="tab-facts">
                    <dt>{say(lang, "Người đi ra", "Passers")}</dt>
                    <dd>{passers}</dd>
                    <dt>{say(lang, "Đã mời", "Asked")}</dt>
                    <dd>{asked}</dd>
                    <dt>{say(lang, "Từ chối", "Refused")}</dt>
                    <dd>{refused}</dd>
                    <dt>{say(lang, "Còn được phỏng vấn", "Interviews left")}</dt>
                    <dd>{move || left().map_or_else(|| "–".to_owned(), |left| left.to_string())}</dd>
                </dl>
            }
        })
    };
    let next = move || {
        let until = shift.with(|shift| shift.as_ref().map_or(0, Shift::until_next));
        match (until, lang) {
            (0, Lang::Vi) => "Mời người vừa đi ra.".to_owned(),
            (0, Lang::En) => "Ask the person who has just come out.".to_owned(),
            (until, Lang::Vi) => format!("Còn {until} người nữa thì mời."),
            (until, Lang::En) => format!("Ask after {until} more."),
        }
    };
    let agree = move || {
        change(&|shift| shift.ask(true));
        run(async move { begin(tablet, desk.get_value(), lang).await });
    };
    let more = move || {
        let granted = tablet
            .open
            .with_untracked(|open| open.as_ref().and_then(|open| open.post(post)).and_then(|p| p.lease))
            .map_or(0, |lease| lease.granted);
        let what = What::Lease { post, want: granted.saturating_add(MORE) };
        run(async move {
            if tablet.tell(what, &desk.with_value(label), vec![]).await.is_ok() {
                tablet.send_all(true).await;
            }
        });
    };
    let inside = view! {
        <p class="tab-count" role="status">
            {next}
        </p>
        {move || {
            due.get()
                .then(|| {
                    let used = left() == Some(0);
                    let words = "Đã hết số phiếu được giao cho máy này. Xin thêm khi có mạng; chưa được thì không phỏng vấn.";
                    let words = say(lang, words, "The interviews granted to this device are used up. Ask for more with a network; until then none.");
                    view! {
                        <div class="tab-choices">
                            {(!used).then(|| button(say(lang, "Đồng ý, phỏng vấn", "Agrees, interview"), "", agree))}
                            {used.then(|| view! { <p class="tab-error" role="alert">{words}</p> })}
                            {button(say(lang, "Từ chối", "Refuses"), SECOND, move || change(&|shift| shift.ask(false)))}
                        </div>
                    }
                })
        }}
        <button class="tab-big" on:click=move |_| change(&Shift::pass)>
            {say(lang, "Một người đi ra", "One person comes out")}
        </button>
        {numbers}
        {(place.lease.is_some()).then(|| button(say(lang, "Xin thêm phiếu", "Ask for more interviews"), SECOND, more))}
    };
    page(tablet, lang, place.name, inside.into_any(), Some(back))
}

/// How a response of a post is found again.
fn label(post: &Post) -> String {
    format!("{} ({})", post.name, post.desk)
}

/// The shift of today at a post: the one that is kept, or a new one.
async fn today(tablet: Tablet, post: i32, every: u32) -> Option<Shift> {
    let (pid, key) =
        tablet.open.with_untracked(|open| open.as_ref().map(|open| (open.pid.clone(), open.key.clone())))?;
    let day = local_day(device::now());
    let text = tablet.store().ok()?.get(&keys::shift(&pid)).await.ok().flatten();
    let kept: Option<Shift> = text.and_then(|text| opened(&key, "shift", &text));
    match kept.filter(|shift| shift.post == post && shift.day == day) {
        Some(shift) => Some(Shift { every: every.max(1), ..shift }),
        None => Some(Shift::begin(device::new_id()?, post, day, every)),
    }
}

/// Keeps the count, and tells it: the last one told of a shift is the one that counts.
async fn keep(tablet: Tablet, shift: Shift) -> Option<()> {
    let (pid, key) =
        tablet.open.with_untracked(|open| open.as_ref().map(|open| (open.pid.clone(), open.key.clone())))?;
    let with = vec![(keys::shift(&pid), Change::Keep(Some(sealed(&key, "shift", &shift)?)))];
    tablet.tell_again(&format!("shift {}", shift.shift), shift.told(), with).await.ok()
}

async fn begin(tablet: Tablet, post: Post, lang: Lang) {
    let Some((questionnaire, script)) = tablet.open.with_untracked(|open| {
        let round = open.as_ref()?.round()?;
        Some(((round.questionnaire.key.clone(), round.questionnaire.version), round.script.version))
    }) else {
        return;
    };
    let Some(id) = device::new_id() else { return };
    let draft = Draft {
        id,
        unit: None,
        post: Some(post.post),
        label: label(&post),
        desk: Some(post.desk),
        agency: post.agency,
        field: None,
        lang,
        script,
        started_at: device::now(),
        step: Step::Consent,
        hands: Hands::Interviewer,
        floor: None,
        questionnaire,
        sheet: String::new(),
        comment: String::new(),
    };
    tablet.begin(draft).await;
}

//! The first screen of the day and the last: may one leave, is all safe; and the list of people.

use leptos::prelude::*;

use super::device;
use super::frame::{SECOND, button, notice, page, run, to};
use super::state::{Screen, Tablet};
use crate::components::number::say;
use crate::domain::field_work::{Outcome, Work};
use crate::domain::text::Lang;
use crate::offline::people::{Person, Progress};
use crate::offline::queue::Kind;
use crate::offline::ready::{Device, evening};

/// "Sẵn sàng đi".
pub(super) fn home(tablet: Tablet, lang: Lang) -> AnyView {
    let work = tablet.open.with_untracked(|open| open.as_ref().map(|open| open.profile.work));
    let inside = view! {
        {notice(tablet, lang)}
        {signed_out(tablet, lang)}
        {readiness(tablet, lang, work == Some(Work::Sample))}
        {safety(tablet, lang)}
        {posts(tablet, lang)}
    };
    let foot = view! {
        {button(say(lang, "Khoá máy", "Lock"), SECOND, move || tablet.lock())}
        {to(tablet, say(lang, "Phiếu trong máy", "Forms on the device"), Screen::Outbox)}
        {(work == Some(Work::Sample))
            .then(|| button(say(lang, "Danh sách", "The list"), "", move || tablet.go(Screen::People)))}
    };
    let heading = move || {
        let name =
            tablet.open.with(|open| open.as_ref().and_then(|open| open.round()).map(|r| r.name.get(lang).to_owned()));
        name.unwrap_or_else(|| say(lang, "Máy thực địa", "Field device").to_owned())
    };
    let inside = view! { <p class="tab-round">{heading}</p> {inside} }.into_any();
    page(tablet, lang, say(lang, "Hôm nay", "Today").to_owned(), inside, Some(foot.into_any()))
}

fn signed_out(tablet: Tablet, lang: Lang) -> AnyView {
    let words = say(
        lang,
        "Máy này đã bị thu hồi, hoặc người dùng máy không còn trong đội: không ghi thêm phiếu, thông tin liên hệ đã xoá. Phiếu trong máy vẫn gửi được, hoặc xuất ra tệp.",
        "This device was signed out, or its surveyor left the team: nothing more is recorded, contact data is erased. What is on it can still be sent, or exported to a file.",
    );
    let gone = move || tablet.open.with(|open| open.as_ref().is_some_and(super::state::Open::is_signed_out));
    view! { {move || gone().then(|| view! { <p class="tab-error" role="alert">{words}</p> })} }.into_any()
}

fn readiness(tablet: Tablet, lang: Lang, has_list: bool) -> AnyView {
    let checks = move || {
        let mut people = tablet.people();
        people.retain(|person| person.called && person.progress.is_open());
        let nameless = people.iter().filter(|p| p.unit.contact.as_ref().is_none_or(|of| of.name.is_empty())).count();
        let facts = tablet.facts.get();
        let now = device::now().saturating_sub(facts.clock_off.unwrap_or_default());
        let (version, round_open, desks_without_share) = tablet
            .open
            .with(|open| {
                let open = open.as_ref()?;
                let round = open.round().filter(|_| !open.is_signed_out());
                let shares = open.kit.iter().flat_map(|kit| &kit.posts).filter_map(|post| post.lease);
                let without = shares.filter(|lease| lease.granted <= lease.used).count();
                let is_open = round.map(|round| round.closes_at.is_none_or(|at| now < at));
                Some((open.questionnaire().map(|q| q.version), is_open, without))
            })
            .unwrap_or_default();
        let device = Device {
            people: has_list.then_some(people.len()),
            nameless: if has_list { nameless } else { 0 },
            round_open,
            desks_without_share,
            version,
            space: facts.space,
            clock_off: facts.clock_off,
            lasting: facts.lasting,
            cached: facts.kept,
        };
        (device.is_ready(lang), device.checks(lang))
    };
    let busy = RwSignal::new(false);
    let refresh = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        run(async move {
            tablet.look_at_device().await;
            if !tablet.fetch_kit().await {
                let words = "Chưa tới được máy chủ. Dữ liệu trong máy vẫn dùng được.";
                tablet.trouble.set(Some(
                    say(lang, words, "The server could not be reached. What is on the device stays usable.").to_owned(),
                ));
            }
            busy.set(false);
        });
    };
    let shown = move || {
        let (ready, checks) = checks();
        let line = checks.iter().filter(|check| check.fine).map(|check| check.words.as_str()).collect::<Vec<_>>();
        let wrong = checks.iter().filter(|check| !check.fine).map(|check| view! { <li>{check.words.clone()}</li> });
        let words = if ready {
            say(lang, "Sẵn sàng đi", "Ready to go")
        } else {
            say(lang, "Chưa đi được", "Not ready yet")
        };
        view! {
            <h2>{words}</h2>
            <ul class="tab-wrong">{wrong.collect_view()}</ul>
            <p>{line.join(" · ")}</p>
        }
    };
    let label = move || {
        if busy.get() {
            say(lang, "Đang cập nhật…", "Updating…")
        } else {
            say(lang, "Cập nhật từ máy chủ", "Update from the server")
        }
    };
    view! {
        <section class="tab-block">
            <div role="status">{shown}</div>
            <button class="tab-button tab-button--second" on:click=move |_| refresh()>
                {label}
            </button>
        </section>
    }
    .into_any()
}

fn safety(tablet: Tablet, lang: Lang) -> AnyView {
    let words = move || evening(tablet.queue.with(|queue| queue.counts(Kind::Response)), tablet.is_doubted(), lang);
    view! {
        <section class="tab-block">
            <h2>{say(lang, "Phiếu đã làm", "Finished forms")}</h2>
            <p role="status">{words}</p>
        </section>
    }
    .into_any()
}

/// Where an intercept team stands.
fn posts(tablet: Tablet, lang: Lang) -> AnyView {
    let rows = move || {
        let (work, posts) = tablet.open.with(|open| {
            let open = open.as_ref().filter(|open| !open.is_signed_out())?;
            Some((open.profile.work, open.kit.as_ref()?.posts.clone()))
        })?;
        if work != Work::Intercept {
            return None;
        }
        let rows = posts.into_iter().map(|post| {
            let every = match lang {
                Lang::Vi => format!("mời mỗi người thứ {}", post.every),
                Lang::En => format!("every {}th visitor", post.every),
            };
            view! {
                <li>
                    <button class="tab-row" on:click=move |_| tablet.go(Screen::Post(post.post))>
                        <strong>{post.name.clone()}</strong>
                        <span>{every}</span>
                    </button>
                </li>
            }
        });
        Some(view! {
            <section class="tab-block">
                <h2>{say(lang, "Quầy", "Desks")}</h2>
                <ul class="tab-list">{rows.collect_view()}</ul>
            </section>
        })
    };
    view! { {rows} }.into_any()
}

/// The list, by hamlet, with a search.
pub(super) fn people(tablet: Tablet, lang: Lang) -> AnyView {
    let search = RwSignal::new(String::new());
    let only_open = RwSignal::new(true);
    let groups = Memo::new(move |_| {
        let folded = device::fold(&search.get());
        let only_open = only_open.get() && folded.is_empty();
        let mut groups: Vec<(String, Vec<Person>)> = Vec::new();
        for person in tablet.people() {
            if !person.called || !person.is_found(&folded, &device::fold) || (only_open && !person.progress.is_open()) {
                continue;
            }
            let area = person.area();
            match groups.iter_mut().find(|(name, _)| *name == area) {
                Some((_, people)) => people.push(person),
                None => groups.push((area, vec![person])),
            }
        }
        groups
    });
    let rows = move || {
        let groups = groups.get();
        if groups.is_empty() {
            let words = say(
                lang,
                "Không có ai ở đây. Hãy xem cả những người đã xong, hoặc tìm tên khác.",
                "Nobody here. Show those who are done, or search for another name.",
            );
            return view! { <p>{words}</p> }.into_any();
        }
        let groups = groups.into_iter().map(|(area, people)| {
            let area = if area.is_empty() {
                say(lang, "Không có địa chỉ trong máy", "No address on this device").to_owned()
            } else {
                area
            };
            let rows = people.into_iter().map(|person| row(tablet, lang, person)).collect_view();
            view! {
                <h2>{area}</h2>
                <ul class="tab-list">{rows}</ul>
            }
        });
        groups.collect_view().into_any()
    };
    let inside = view! {
        <label class="tab-label" for="tim">
            {say(lang, "Tìm theo số, tên, địa chỉ", "Search by number, name, address")}
        </label>
        <input
            class="tab-field"
            id="tim"
            type="search"
            autocomplete="off"
            on:input=move |event| search.set(event_target_value(&event))
        />
        <label class="tab-check">
            <input
                type="checkbox"
                prop:checked=move || !only_open.get()
                on:change=move |event| only_open.set(!event_target_checked(&event))
            />
            <span>{say(lang, "Xem cả người đã xong", "Show those who are done")}</span>
        </label>
        {rows}
    };
    let foot = to(tablet, say(lang, "Về đầu", "Home"), Screen::Home);
    page(tablet, lang, say(lang, "Danh sách", "The list").to_owned(), inside.into_any(), Some(foot))
}

fn row(tablet: Tablet, lang: Lang, person: Person) -> AnyView {
    let unit = person.unit.unit.clone();
    let contact = person.unit.contact.clone().unwrap_or_default();
    let name =
        if contact.name.is_empty() { say(lang, "(đã xoá tên)", "(name erased)").to_owned() } else { contact.name };
    view! {
        <li>
            <button class="tab-row" on:click=move |_| tablet.go(Screen::Person(unit.clone()))>
                <strong>{format!("{}. {name}", person.unit.number)}</strong>
                <span>{contact.address}</span>
                <span class="tab-row__state">{progress_words(&person.progress, lang)}</span>
            </button>
        </li>
    }
    .into_any()
}

/// How far a unit is, in words.
pub(super) fn progress_words(progress: &Progress, lang: Lang) -> String {
    match (progress, lang) {
        (Progress::New, Lang::Vi) => "chưa đến".to_owned(),
        (Progress::New, Lang::En) => "not visited yet".to_owned(),
        (Progress::Again(days), Lang::Vi) => format!("đã đến {days} ngày, chưa gặp"),
        (Progress::Again(days), Lang::En) => format!("visited on {days} days, not met"),
        (Progress::Done, Lang::Vi) => "đã phỏng vấn".to_owned(),
        (Progress::Done, Lang::En) => "interviewed".to_owned(),
        (Progress::NotReached, Lang::Vi) => "không gặp sau 3 ngày".to_owned(),
        (Progress::NotReached, Lang::En) => "not met on 3 days".to_owned(),
        (Progress::Replaced(0), Lang::Vi) => "đã thay".to_owned(),
        (Progress::Replaced(0), Lang::En) => "replaced".to_owned(),
        (Progress::Replaced(by), Lang::Vi) => format!("đã thay bằng số {by}"),
        (Progress::Replaced(by), Lang::En) => format!("replaced by number {by}"),
        (Progress::Ended(outcome), lang) => outcome_words(*outcome, lang).to_owned(),
    }
}

/// How an attempt ended, in words.
pub(super) fn outcome_words(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Done => say(lang, "đã phỏng vấn", "interviewed"),
        Outcome::Refused => say(lang, "từ chối", "refused"),
        Outcome::NotHome => say(lang, "không có nhà", "not at home"),
        Outcome::NotFound => say(lang, "không tìm thấy, đã chuyển đi hoặc đã mất", "not found, moved or died"),
        Outcome::Unable => say(lang, "không trả lời được (ốm, ngôn ngữ, tuổi)", "unable (illness, language, age)"),
        Outcome::OutOfScope => say(lang, "không làm hồ sơ ở đó", "had no dossier there"),
        Outcome::NoResult => say(lang, "chưa có kết quả", "no result yet"),
    }
}

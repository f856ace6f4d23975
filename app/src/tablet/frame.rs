//! The frame of every screen, and the pieces that several of them use.

use leptos::prelude::*;

use super::device;
use super::state::{Screen, Tablet};
use crate::components::number::say;
use crate::domain::text::Lang;
use crate::offline::queue::Kind;
use crate::offline::reach::Reach;

/// The app: one screen at a time, in the language that was chosen.
pub(super) fn app(tablet: Tablet) -> impl IntoView {
    // What is shown depends on screen and language only; all else is alive inside the screen. A screen never takes over the
    // elements of the one before, and with them what was typed there.
    let turn = StoredValue::new(0_u32);
    let shown = move || {
        let (lang, screen) = (tablet.lang.get(), tablet.screen.get());
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        [(turn.get_value(), screen, lang)]
    };
    let show = move |(_, screen, lang): (u32, Screen, Lang)| {
        leptos::task::spawn_local(async {
            // After the new screen stands.
            device::sleep(0).await;
            device::focus_heading();
        });
        super::screen_view(tablet, screen, lang)
    };
    view! { <For each=shown key=|(turn, ..)| *turn children=show /> }
}

/// A screen: heading, what is on it, what stands at its foot.
pub(super) fn page(tablet: Tablet, lang: Lang, heading: String, inside: AnyView, foot: Option<AnyView>) -> AnyView {
    device::name_page(&format!("{heading} – Hài Lòng"), lang.tag());
    let who = tablet.open.with_untracked(|open| {
        let profile = open.as_ref().map(|open| &open.profile);
        profile.map(|profile| profile.surveyor.clone().unwrap_or_else(|| profile.name.clone()))
    });
    let bar = who.is_some().then(|| counts_bar(tablet, lang));
    view! {
        <header class="tab-head">
            <span class="tab-head__who">{who.unwrap_or_else(|| "Hài Lòng".to_owned())}</span>
            {language(tablet, lang)}
            {mark(tablet, lang)}
        </header>
        <main class="tab-main">
            <h1 tabindex="-1">{heading}</h1>
            {trouble(tablet)}
            {inside}
        </main>
        <footer class="tab-foot">{foot} {bar}</footer>
    }
    .into_any()
}

/// "SỐ LIỆU MÔ PHỎNG", over all that is asked and shown in a round that is an exercise.
pub(super) fn mark(tablet: Tablet, lang: Lang) -> AnyView {
    let is_exercise = Memo::new(move |_| {
        tablet.open.with(|open| open.as_ref().and_then(|open| open.round()).is_some_and(|round| round.sample_data))
    });
    let words = say(lang, "SỐ LIỆU MÔ PHỎNG", "SIMULATED DATA");
    view! { {move || is_exercise.get().then(|| view! { <p class="tab-mark">{words}</p> })} }.into_any()
}

fn language(tablet: Tablet, lang: Lang) -> AnyView {
    let (other, words) = match lang {
        Lang::Vi => (Lang::En, "English"),
        Lang::En => (Lang::Vi, "Tiếng Việt"),
    };
    view! {
        <button class="tab-link" lang=other.tag() on:click=move |_| tablet.speak(other)>
            {words}
        </button>
    }
    .into_any()
}

/// How the server was reached last, where not well, and the way out for a device that it does not know.
pub(super) fn notice(tablet: Tablet, lang: Lang) -> AnyView {
    let shown = move || {
        let reach = tablet.reach.get();
        let adopt = (reach == Reach::Unknown).then(|| {
            let words =
                say(lang, "Nhập mã để máy chủ nhận lại máy", "Enter a code so that the server knows this device again");
            to(tablet, words, Screen::Enrol(None))
        });
        reach.words(lang).map(|words| {
            view! {
                <p class="tab-error" role="alert">
                    {words}
                </p>
                {adopt}
            }
        })
    };
    view! { {shown} }.into_any()
}

/// What went wrong, said where it is read at once.
pub(super) fn trouble(tablet: Tablet) -> AnyView {
    view! {
        <div role="alert">
            {move || tablet.trouble.get().map(|words| view! { <p class="tab-error">{words}</p> })}
        </div>
    }
    .into_any()
}

/// "n chưa gửi · n đã nhận", and whether there is a network.
fn counts_bar(tablet: Tablet, lang: Lang) -> AnyView {
    let words = move || {
        let counts = tablet.queue.with(|queue| queue.counts(Kind::Response));
        let here = counts.waiting + counts.held;
        match (lang, tablet.is_doubted()) {
            (Lang::Vi, false) => format!("{here} chưa gửi · {} đã nhận", counts.kept),
            (Lang::En, false) => format!("{here} not sent · {} received", counts.kept),
            (Lang::Vi, true) => format!("{here} chưa gửi · {} đang hỏi lại", counts.kept),
            (Lang::En, true) => format!("{here} not sent · {} being asked about", counts.kept),
        }
    };
    let net = move || {
        let online = tablet.facts.with(|facts| facts.online);
        match (online, lang) {
            (true, Lang::Vi) => "có mạng",
            (false, Lang::Vi) => "không có mạng",
            (true, Lang::En) => "online",
            (false, Lang::En) => "offline",
        }
    };
    view! {
        <p class="tab-counts">
            <span>{words}</span>
            <span>{net}</span>
        </p>
    }
    .into_any()
}

/// A button. The kind is a class: `""` the one main act of a screen, `tab-button--second` another one.
pub(super) fn button(words: impl Into<String>, kind: &'static str, press: impl Fn() + 'static) -> AnyView {
    let class = if kind.is_empty() { "tab-button".to_owned() } else { format!("tab-button {kind}") };
    view! {
        <button class=class on:click=move |_| press()>
            {words.into()}
        </button>
    }
    .into_any()
}

/// A button of second rank.
pub(super) const SECOND: &str = "tab-button--second";

/// A button that goes to another screen.
pub(super) fn to(tablet: Tablet, words: impl Into<String>, screen: Screen) -> AnyView {
    button(words, SECOND, move || tablet.go(screen.clone()))
}

/// Runs something that takes its time.
pub(super) fn run(work: impl std::future::Future<Output = ()> + 'static) {
    leptos::task::spawn_local(work);
}

/// "12:05 ngày 03/09/2026", local time of Việt Nam.
pub(super) fn time_words(at: i64) -> String {
    let day = crate::domain::response::local_day(at);
    let (year, month, of_month) = crate::domain::days::civil(i64::from(day));
    let minutes = (at + 7 * 3_600_000).rem_euclid(86_400_000) / 60_000;
    format!("{}:{:02} {of_month:02}/{month:02}/{year}", minutes / 60, minutes % 60)
}

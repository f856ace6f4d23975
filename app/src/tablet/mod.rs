//! The tablet's screens: a web app that works without a network for days (design 11).
//!
//! Rules are in [`crate::offline`], browser things in `device` and `store`, what the screens do in `act` and `send`. A new
//! kind of work is a new screen here, with a line in `screen_view`.

mod act;
mod ask;
mod device;
mod enter;
mod frame;
mod home;
mod interview;
mod kiosk;
mod others;
mod outbox;
mod person;
mod post;
mod send;
mod state;
mod store;

use leptos::prelude::*;

use crate::components::number::say;
use crate::domain::text::Lang;
use state::{Screen, Tablet};

/// Draws the app and sets it going.
pub fn start() {
    leptos::mount::mount_to_body(|| {
        let tablet = Tablet::new();
        leptos::task::spawn_local(async move { tablet.start().await });
        leptos::task::spawn_local(async move { tablet.beat().await });
        for event in ["pointerdown", "keydown"] {
            device::on(&device::window(), event, move |_| tablet.touched.set_value(device::now()));
        }
        for event in ["online", "offline"] {
            device::on(&device::window(), event, move |_| {
                tablet.facts.update(|facts| facts.online = device::is_online());
                if device::is_online() {
                    tablet.queue.update(crate::offline::queue::Queue::hurry);
                }
            });
        }
        device::on(&device::window(), "hashchange", move |_| tablet.scanned());
        device::keep_app(move || {
            // The worker has exchanged the app; nobody is in the middle of anything, or it would not have been asked to.
            device::reload();
        });
        frame::app(tablet)
    });
}

fn screen_view(tablet: Tablet, screen: Screen, lang: Lang) -> AnyView {
    match screen {
        Screen::Starting => {
            frame::page(tablet, lang, say(lang, "Đang mở…", "Opening…").to_owned(), ().into_any(), None)
        }
        Screen::OtherTab => other_tab(tablet, lang),
        Screen::NoStore(why) => no_store(tablet, lang, why),
        Screen::Enrol(over) => enter::enrol(tablet, lang, over),
        Screen::ChoosePin(enrolled, over) => enter::choose_pin(tablet, lang, enrolled, over),
        Screen::Profiles => enter::profiles(tablet, lang),
        Screen::Pin(pid) => enter::pin(tablet, lang, pid),
        Screen::Home => home::home(tablet, lang),
        Screen::People => home::people(tablet, lang),
        Screen::Person(unit) => person::person(tablet, lang, unit),
        Screen::Interview => interview::interview(tablet, lang),
        Screen::HandedBack => interview::handed_back(tablet, lang),
        Screen::Interrupted => interview::interrupted(tablet, lang),
        Screen::Outbox => outbox::outbox(tablet, lang),
        Screen::Post(post) => post::post(tablet, lang, post),
        Screen::Kiosk => kiosk::kiosk(tablet, lang),
    }
}

/// Two tabs would write over each other's drafts.
fn other_tab(tablet: Tablet, lang: Lang) -> AnyView {
    let words = say(
        lang,
        "Ứng dụng đang mở ở thẻ khác của trình duyệt. Hãy dùng thẻ ấy, hoặc đóng nó rồi mở lại trang này.",
        "The app is open in another tab. Use that tab, or close it and open this page again.",
    );
    let foot = frame::button(say(lang, "Mở lại", "Open again"), "", device::reload);
    let inside = view! { <p>{words}</p> };
    frame::page(
        tablet,
        lang,
        say(lang, "Đang mở ở thẻ khác", "Open in another tab").to_owned(),
        inside.into_any(),
        Some(foot),
    )
}

fn no_store(tablet: Tablet, lang: Lang, why: String) -> AnyView {
    let words = say(
        lang,
        "Trình duyệt không cho lưu dữ liệu trên máy: có thể đang ở chế độ ẩn danh, hoặc bộ nhớ đã hết. Chưa thể làm việc trên máy này.",
        "The browser does not let the app store anything: a private window, or no room left. This device cannot be used yet.",
    );
    let foot = frame::button(say(lang, "Thử lại", "Try again"), "", device::reload);
    let inside = view! {
        <p>{words}</p>
        <p class="tab-hint">{why}</p>
    };
    frame::page(
        tablet,
        lang,
        say(lang, "Không lưu được trên máy", "No storage").to_owned(),
        inside.into_any(),
        Some(foot),
    )
}

//! The way in: enrolment by a code, the choice of a PIN, who is working, the PIN.

use leptos::prelude::*;

use super::frame::{SECOND, button, page, run, to};
use super::state::{Screen, Tablet};
use crate::components::number::say;
use crate::domain::field_work::Enrolled;
use crate::domain::text::Lang;
use crate::offline::vault::{PIN_DIGITS, Wrong, is_good_pin};

/// "Nhập mã ghi danh".
pub(super) fn enrol(tablet: Tablet, lang: Lang, over: Option<String>) -> AnyView {
    // What the QR said stands in the field already; whoever holds the device sees what is sent.
    let scanned = tablet.code.get_value();
    let code = RwSignal::new(scanned.clone());
    let said = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let again = over.clone();
    let send = move || {
        if busy.get_untracked() || code.with_untracked(|code| code.trim().is_empty()) {
            return;
        }
        busy.set(true);
        let over = again.clone();
        run(async move {
            said.set(tablet.enrol(code.get_untracked(), over).await.err());
            busy.set(false);
        });
    };
    let press = send.clone();
    let forgotten = over.is_some();
    // With a profile open, the server is to know that one again.
    let adopts = tablet.open.with_untracked(Option::is_some);
    let back = move || {
        let screen = if adopts { tablet.first_screen() } else { Screen::Profiles };
        (tablet.profiles.with(|all| !all.is_empty())).then(|| to(tablet, say(lang, "Quay lại", "Back"), screen))
    };
    let inside = view! {
        <p>
            {if forgotten {
                say(
                    lang,
                    "Quên PIN không làm mất phiếu đã xong: các phiếu ấy đã niêm phong cho máy chủ. Xin tổ trưởng một mã ghi danh mới. Thông tin liên hệ sẽ tải lại; phiếu đang hỏi dở không mở được nữa.",
                    "A forgotten PIN loses no finished form: they are sealed to the server. Ask the supervisor for a new code. Contact data is fetched again; a form in the middle of an interview cannot be opened any more.",
                )
            } else if adopts {
                say(
                    lang,
                    "Xin tổ trưởng một mã ghi danh cho đúng người này. Tên, danh sách, phiếu đang hỏi dở và mọi phiếu trong máy giữ nguyên; máy chủ chưa có phiếu nào thì máy gửi lại, không đếm hai lần.",
                    "Ask the supervisor for an enrolment code for this same person. Names, list, the interview under way and all forms stay; what the server has not is sent again, and nothing counts twice.",
                )
            } else {
                say(
                    lang,
                    "Tổ trưởng đưa mã này, dùng một lần. Máy cần có mạng trong lúc ghi danh.",
                    "The supervisor gives this code; it is good once. The device needs a network while it is enrolled.",
                )
            }}
        </p>
        <form
            class="tab-form"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <label class="tab-label" for="ma">
                {say(lang, "Mã ghi danh", "Enrolment code")}
            </label>
            <p class="tab-error" id="ma-loi" role="alert" hidden=move || said.with(Option::is_none)>
                {move || said.get()}
            </p>
            <input
                class="tab-field tab-field--code"
                id="ma"
                autocomplete="off"
                autocapitalize="characters"
                spellcheck="false"
                maxlength="40"
                value=scanned
                aria-describedby="ma-loi"
                on:input=move |event| code.set(event_target_value(&event))
            />
        </form>
    };
    let foot = view! {
        {back}
        {button(say(lang, "Ghi danh máy", "Enrol"), "", press)}
    };
    let heading = if forgotten {
        say(lang, "Quên PIN", "Forgotten PIN")
    } else if adopts {
        say(lang, "Nhận lại máy", "Take this device back")
    } else {
        say(lang, "Ghi danh máy", "Enrol this device")
    };
    page(tablet, lang, heading.to_owned(), inside.into_any(), Some(foot.into_any()))
}

/// "Đặt PIN".
pub(super) fn choose_pin(tablet: Tablet, lang: Lang, enrolled: Box<Enrolled>, over: Option<String>) -> AnyView {
    let (first, second) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let said = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let who = enrolled.profile.surveyor.clone().unwrap_or_else(|| enrolled.profile.name.clone());
    let press = move || {
        let (pin, again) = (first.get_untracked(), second.get_untracked());
        if !is_good_pin(&pin) {
            let words = "PIN có 6 chữ số, không lặp một số, không đếm xuôi hay ngược.";
            return said
                .set(Some(say(lang, words, "A PIN has 6 digits, not all alike, not counting up or down.").to_owned()));
        }
        if pin != again {
            return said.set(Some(say(lang, "Hai lần nhập khác nhau.", "The two entries differ.").to_owned()));
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (enrolled, over) = ((*enrolled).clone(), over.clone());
        run(async move {
            // The button says that it works before the device counts.
            super::device::sleep(30).await;
            said.set(tablet.take_in(enrolled, Some(pin), over).await.err());
            busy.set(false);
        });
    };
    let submit = press.clone();
    let inside = view! {
        <p>
            <strong>{who}</strong>
        </p>
        <p>
            {say(
                lang,
                "PIN mở máy khi không có mạng và khoá thông tin liên hệ. Nhập sai 10 lần, thông tin liên hệ bị xoá; phiếu thì không.",
                "The PIN opens the device without a network and locks contact data. After 10 wrong entries contact data is erased; forms are not.",
            )}
        </p>
        <form
            class="tab-form"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            <p class="tab-error" role="alert" hidden=move || said.with(Option::is_none)>
                {move || said.get()}
            </p>
            {pin_field("pin", say(lang, "PIN (6 chữ số)", "PIN (6 digits)"), first)}
            {pin_field("pin2", say(lang, "Nhập lại PIN", "PIN once more"), second)}
            <button class="tab-hidden">{say(lang, "Đặt PIN", "Set the PIN")}</button>
        </form>
    };
    let label = move || {
        if busy.get() { say(lang, "Đang khoá…", "Locking…") } else { say(lang, "Đặt PIN", "Set the PIN") }
    };
    let foot = view! {
        <button class="tab-button" on:click=move |_| press()>
            {label}
        </button>
    };
    page(tablet, lang, say(lang, "Đặt PIN", "Choose a PIN").to_owned(), inside.into_any(), Some(foot.into_any()))
}

fn pin_field(id: &'static str, label: &'static str, value: RwSignal<String>) -> AnyView {
    view! {
        <label class="tab-label" for=id>
            {label}
        </label>
        <input
            class="tab-field tab-field--code"
            id=id
            type="password"
            inputmode="numeric"
            autocomplete="off"
            maxlength=PIN_DIGITS.to_string()
            prop:value=move || value.get()
            on:input=move |event| value.set(event_target_value(&event))
        />
    }
    .into_any()
}

/// "Ai đang làm việc?"
pub(super) fn profiles(tablet: Tablet, lang: Lang) -> AnyView {
    let list = tablet.profiles.get_untracked().into_iter().map(|saved| {
        let who = saved.profile.surveyor.clone().unwrap_or_else(|| saved.profile.name.clone());
        let team = saved.profile.team.clone().unwrap_or_default();
        let has_pin = saved.lock.has_pin();
        let mine = saved.pid.clone();
        let left = move || tablet.unsent_words(&mine, lang);
        let open = move |_| {
            let pid = saved.pid.clone();
            if has_pin {
                tablet.go(Screen::Pin(pid));
            } else {
                run(async move {
                    let _ = tablet.unlock(pid, String::new()).await;
                });
            }
        };
        view! {
            <li>
                <button class="tab-row" on:click=open>
                    <strong>{who}</strong>
                    <span>{team}</span>
                    <span class="tab-row__state">{left}</span>
                </button>
            </li>
        }
    });
    let inside = view! { <ul class="tab-list">{list.collect_view()}</ul> };
    let foot = to(tablet, say(lang, "Ghi danh thêm người", "Enrol another person"), Screen::Enrol(None));
    page(tablet, lang, say(lang, "Ai đang làm việc?", "Who is working?").to_owned(), inside.into_any(), Some(foot))
}

/// "Nhập PIN": keys of its own, so that no keyboard of the system covers the half of a small screen.
pub(super) fn pin(tablet: Tablet, lang: Lang, pid: String) -> AnyView {
    let typed = RwSignal::new(String::new());
    let said = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let saved = tablet.profiles.with_untracked(|all| all.iter().find(|each| each.pid == pid).cloned());
    let who = saved.map(|saved| saved.profile.surveyor.unwrap_or(saved.profile.name)).unwrap_or_default();
    let mine = pid.clone();
    let open = move || {
        let pin = typed.get_untracked();
        if pin.len() != PIN_DIGITS || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let pid = mine.clone();
        run(async move {
            super::device::sleep(30).await;
            let tried = tablet.unlock(pid, pin).await;
            typed.set(String::new());
            busy.set(false);
            said.set(tried.err().map(|wrong| wrong_words(wrong, lang)));
        });
    };
    let typing = open.clone();
    let set = move |value: String| {
        typed.set(value.chars().filter(char::is_ascii_digit).take(PIN_DIGITS).collect());
        said.set(None);
        typing();
    };
    let press = set.clone();
    let key = move |digit: &'static str| {
        let press = press.clone();
        let add = move |_| press(typed.get_untracked() + digit);
        view! {
            <button type="button" class="tab-key" on:click=add>
                {digit}
            </button>
        }
        .into_any()
    };
    let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].into_iter().map(&key).collect_view();
    let zero = key("0");
    let several = tablet.profiles.with_untracked(|all| all.len() > 1);
    let here = pid.clone();
    let left = move || tablet.unsent_words(&here, lang);
    let inside = view! {
        <p>
            <strong>{who}</strong>
            " · "
            {left}
        </p>
        <form
            class="tab-form"
            on:submit=move |event| {
                event.prevent_default();
                open();
            }
        >
            <label class="tab-label" for="pin">
                {say(lang, "PIN (6 chữ số)", "PIN (6 digits)")}
            </label>
            <p class="tab-error" id="pin-loi" role="alert" hidden=move || said.with(Option::is_none)>
                {move || said.get()}
            </p>
            <input
                class="tab-field tab-field--code"
                id="pin"
                type="password"
                inputmode="none"
                autocomplete="off"
                aria-describedby="pin-loi"
                prop:value=move || typed.get()
                on:input=move |event| set(event_target_value(&event))
            />
            <div class="tab-keys">
                {keys}
                <span></span>
                {zero}
                <button type="button" class="tab-key" on:click=move |_| typed.update(|typed| {
                        let _ = typed.pop();
                    })>
                    {say(lang, "Xoá", "Delete")}
                </button>
            </div>
        </form>
    };
    let foot = view! {
        {several.then(|| to(tablet, say(lang, "Người khác", "Somebody else"), Screen::Profiles))}
        {(!several).then(|| to(tablet, say(lang, "Thêm người", "Add a person"), Screen::Enrol(None)))}
        {button(say(lang, "Quên PIN", "Forgotten PIN"), SECOND, move || tablet.go(Screen::Enrol(Some(pid.clone()))))}
    };
    page(tablet, lang, say(lang, "Nhập PIN", "Enter the PIN").to_owned(), inside.into_any(), Some(foot.into_any()))
}

fn wrong_words(wrong: Wrong, lang: Lang) -> String {
    match (wrong, lang) {
        (Wrong::Again { left }, Lang::Vi) => format!("PIN không đúng. Còn {left} lần, sau đó thông tin liên hệ bị xoá."),
        (Wrong::Again { left }, Lang::En) => format!("Wrong PIN. {left} tries left, then contact data is erased."),
        (Wrong::Erase, Lang::Vi) => {
            "Nhập sai quá 10 lần: thông tin liên hệ đã xoá khỏi máy. Phiếu vẫn còn. Hãy nhớ lại PIN, hoặc bấm Quên PIN.".to_owned()
        }
        (Wrong::Erase, Lang::En) => {
            "More than 10 wrong entries: contact data was erased from this device. Forms are still here. Recall the PIN, or press Forgotten PIN.".to_owned()
        }
        (Wrong::Wait(ms), Lang::Vi) => format!("Xin chờ {} giây rồi nhập lại.", ms / 1_000 + 1),
        (Wrong::Wait(ms), Lang::En) => format!("Please wait {} seconds.", ms / 1_000 + 1),
    }
}

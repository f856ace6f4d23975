//! The browser, as far as the tablet's screens need it: clock, chance, network, one tab at a time, room on the disk,
//! files. The only place that touches them; no words, no rules.

use std::cell::Cell;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A request that is not answered by then counts as lost, in milliseconds: a village network is slow, not that slow.
const TIMEOUT_MS: f64 = 45_000.0;

/// Longest code behind the `#`, in letters: what is longer is something else.
const CODE_CHARS: usize = 40;

/// What a server answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// The body.
    pub(super) body: String,
    /// `Retry-After`, in milliseconds.
    pub(super) retry_ms: Option<i64>,
}

/// A member of an object; `undefined` where there is none.
pub(super) fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a method; an error where there is none.
pub(super) fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = member(of, name).dyn_into()?;
    Reflect::apply(&method, of, &arguments.iter().collect::<Array>())
}

/// What a method promises, when it has come.
pub(super) async fn promised(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    JsFuture::from(call(of, name, arguments)?.dyn_into::<Promise>()?).await
}

/// An object of these members.
pub(super) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let out = Object::new();
    for (name, value) in members {
        // A plain object takes any member.
        let _ = Reflect::set(&out, &(*name).into(), value);
    }
    out.into()
}

fn global(name: &str) -> JsValue {
    member(&js_sys::global(), name)
}

/// `document`.
pub(super) fn document() -> JsValue {
    global("document")
}

/// Milliseconds since 1970 UTC, by the device's clock.
pub(super) fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// Good random bytes. None only where the browser has no source of them; then nothing secret may be made.
pub(super) fn chance<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// A number from 0 to 1, for spreading requests only.
pub(super) fn jitter() -> f64 {
    chance::<1>().map_or(1.0, |[byte]| f64::from(byte) / 255.0)
}

/// A new UUID of version 7.
pub(super) fn new_id() -> Option<String> {
    let at = u64::try_from(now()).ok()?;
    Some(uuid::Builder::from_unix_timestamp_millis(at, &chance()?).into_uuid().to_string())
}

/// Waits.
pub(super) async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |done, _| {
        let _ = call(&js_sys::global(), "setTimeout", &[done.into(), ms.into()]);
    });
    let _ = JsFuture::from(promise).await;
}

/// Whether the browser believes that it has a network. It may be wrong, so nothing but the pace depends on it.
pub(super) fn is_online() -> bool {
    member(&global("navigator"), "onLine").as_bool().unwrap_or(true)
}

/// Calls `act` at every event of this name, for as long as the page lives.
pub(super) fn on(target: &JsValue, event: &str, act: impl FnMut(JsValue) + 'static) {
    let act = Closure::<dyn FnMut(JsValue)>::new(act).into_js_value();
    let _ = call(target, "addEventListener", &[event.into(), act, object(&[("passive", true.into())])]);
}

/// `window`.
pub(super) fn window() -> JsValue {
    js_sys::global().into()
}

/// A request to the server of this page. An error is a lost one: it may have arrived all the same.
pub(super) async fn ask(method: &str, path: &str, token: Option<&str>, body: Option<&str>) -> Result<Answer, ()> {
    let mut headers = vec![("accept", JsValue::from("application/json"))];
    if body.is_some() {
        headers.push(("content-type", "application/json".into()));
    }
    if let Some(token) = token {
        headers.push(("authorization", format!("Bearer {token}").into()));
    }
    let mut init = vec![
        ("method", JsValue::from(method)),
        ("headers", object(&headers)),
        ("cache", "no-store".into()),
        ("credentials", "omit".into()),
        // What is sent on elsewhere was met by somebody else: it is answered with status 0.
        ("redirect", "manual".into()),
    ];
    if let Some(body) = body {
        init.push(("body", body.into()));
    }
    if let Ok(signal) = call(&global("AbortSignal"), "timeout", &[TIMEOUT_MS.into()]) {
        init.push(("signal", signal));
    }
    let response = promised(&window(), "fetch", &[path.into(), object(&init)]).await.map_err(drop)?;
    let status = member(&response, "status").as_f64().unwrap_or_default() as u16;
    let retry = call(&member(&response, "headers"), "get", &["retry-after".into()]).ok();
    let retry_ms = retry.and_then(|value| value.as_string()).and_then(|s| s.parse::<i64>().ok());
    let body = promised(&response, "text", &[]).await.map_err(drop)?.as_string().unwrap_or_default();
    Ok(Answer { status, body, retry_ms: retry_ms.map(|s| s.saturating_mul(1_000)) })
}

/// Folds a text for search as `domain::text::fold` does, by the browser's tables of letters.
pub(super) fn fold(text: &str) -> String {
    let apart = String::from(js_sys::JsString::from(text).normalize("NFKD"));
    let mut out = String::with_capacity(text.len());
    for letter in apart.chars() {
        match letter {
            '\u{300}'..='\u{36f}' => {}
            'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
            letter if letter.is_alphanumeric() => out.extend(letter.to_lowercase()),
            _ if out.ends_with(' ') || out.is_empty() => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

thread_local! {
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is the only tab that has the app open; from then on it is the one, until it is closed. A browser without
/// locks is believed to have one tab.
pub(super) async fn is_only_tab() -> bool {
    let locks = member(&global("navigator"), "locks");
    if locks.is_undefined() {
        return true;
    }
    let (tell, told) = channel();
    let holder = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let got = !lock.is_null();
        ALONE.set(got);
        let _ = tell.call1(&JsValue::UNDEFINED, &got.into());
        if got {
            // Held until the page goes: a promise that nobody keeps.
            Promise::new(&mut |_, _| {}).into()
        } else {
            JsValue::UNDEFINED
        }
    });
    let options = object(&[("ifAvailable", true.into())]);
    if call(&locks, "request", &["thuc-dia".into(), options, holder]).is_err() {
        return true;
    }
    JsFuture::from(told).await.ok().and_then(|got| got.as_bool()).unwrap_or(true)
}

/// A promise and what keeps it.
fn channel() -> (Function, Promise) {
    let mut keep = None;
    let promise = Promise::new(&mut |done, _| keep = Some(done));
    (keep.unwrap_or_else(|| Function::new_no_args("")), promise)
}

/// Asks the browser not to clear what is stored here; whether it promised.
pub(super) async fn ask_to_keep() -> bool {
    let storage = member(&global("navigator"), "storage");
    promised(&storage, "persist", &[]).await.ok().and_then(|kept| kept.as_bool()).unwrap_or(false)
}

/// Bytes that the browser still grants; none where it does not say.
pub(super) async fn space() -> Option<f64> {
    let storage = member(&global("navigator"), "storage");
    let estimate = promised(&storage, "estimate", &[]).await.ok()?;
    Some(member(&estimate, "quota").as_f64()? - member(&estimate, "usage").as_f64()?)
}

/// Hands a text over as a file, into the browser's downloads.
pub(super) fn hand_over(name: &str, text: &str) -> Result<(), JsValue> {
    let parts: Array = std::iter::once(JsValue::from(text)).collect();
    let kind = object(&[("type", "application/json".into())]);
    let make: Function = global("Blob").dyn_into()?;
    let blob = Reflect::construct(&make, &[parts.into(), kind].iter().collect())?;
    let url = call(&global("URL"), "createObjectURL", &[blob])?;
    let link = call(&document(), "createElement", &["a".into()])?;
    Reflect::set(&link, &"href".into(), &url)?;
    Reflect::set(&link, &"download".into(), &name.into())?;
    call(&link, "click", &[])?;
    Ok(())
}

/// Whether the page fills the screen, as an installed app or a pinned one does.
pub(super) fn is_full_screen() -> bool {
    let matches = |query: &str| {
        let list = call(&window(), "matchMedia", &[query.into()]);
        list.ok().and_then(|list| member(&list, "matches").as_bool()).unwrap_or(false)
    };
    !member(&document(), "fullscreenElement").is_null()
        || matches("(display-mode: fullscreen)")
        || matches("(display-mode: standalone)")
}

/// Fills the screen, after a touch.
pub(super) fn fill_screen() {
    let _ = call(&member(&document(), "documentElement"), "requestFullscreen", &[]);
}

/// Moves the focus to the heading of the screen, so that a screen reader begins there.
pub(super) fn focus_heading() {
    if let Ok(heading) = call(&document(), "querySelector", &["h1".into()]) {
        let _ = call(&heading, "focus", &[object(&[("preventScroll", true.into())])]);
    }
    let _ = call(&window(), "scrollTo", &[0.into(), 0.into()]);
}

/// Puts `title` on the tab and `lang` on the page.
pub(super) fn name_page(title: &str, lang: &str) {
    let _ = Reflect::set(&document(), &"title".into(), &title.into());
    let _ = Reflect::set(&member(&document(), "documentElement"), &"lang".into(), &lang.into());
}

/// Begins anew.
pub(super) fn reload() {
    let _ = call(&global("location"), "reload", &[]);
}

/// The enrolment code behind the `#` of the address, as the QR of a supervisor has it; taken out of the address, so that
/// neither history nor bookmark keeps it.
pub(super) fn take_code() -> Option<String> {
    let location = global("location");
    let hash = member(&location, "hash").as_string()?;
    let code: String = hash.chars().filter(char::is_ascii_alphanumeric).collect();
    if !(1..=CODE_CHARS).contains(&code.len()) {
        return None;
    }
    let bare = member(&location, "pathname");
    let _ = call(&global("history"), "replaceState", &[JsValue::NULL, "".into(), bare]);
    Some(code)
}

/// Registers the worker that keeps the app on the device, and calls `renewed` when it has exchanged it for a newer one.
pub(super) fn keep_app(renewed: impl Fn() + 'static) {
    let workers = worker_container();
    if workers.is_undefined() {
        return;
    }
    let options = object(&[("scope", "/thuc-dia/".into()), ("updateViaCache", "none".into())]);
    let _ = call(&workers, "register", &["/thuc-dia/sw.js".into(), options]);
    on(&workers, "message", move |event| {
        if member(&event, "data").as_string().as_deref() == Some("renewed") {
            renewed();
        }
    });
}

/// Whether the worker answers for this page, so that it opens without a network.
pub(super) fn is_app_kept() -> bool {
    !member(&worker_container(), "controller").is_null() && !worker_container().is_undefined()
}

/// Tells the worker that nothing is waiting: a newer app may take this one's place.
pub(super) fn may_renew() {
    let controller = member(&worker_container(), "controller");
    let _ = call(&controller, "postMessage", &["empty".into()]);
}

/// Looks for a newer app at the server. It waits on the device until [`may_renew`].
pub(super) async fn look_for_newer() {
    if let Ok(registration) = promised(&worker_container(), "getRegistration", &["/thuc-dia/".into()]).await {
        let _ = promised(&registration, "update", &[]).await;
    }
}

fn worker_container() -> JsValue {
    member(&global("navigator"), "serviceWorker")
}

/// Short name of this bundle, as its page says it.
pub(super) fn app_version() -> String {
    let tag = call(&document(), "querySelector", &["meta[name=version]".into()]).unwrap_or(JsValue::UNDEFINED);
    member(&tag, "content").as_string().unwrap_or_default()
}

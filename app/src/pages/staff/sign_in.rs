//! Signing in: name and password, the code of the second factor, its set-up.

use leptos::prelude::*;

use super::{Field, fault, in_lang};
use crate::components::number::say;
use crate::domain::text::Lang;

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInFault {
    /// Name or password; which of them is not said.
    Wrong,
    /// Too many tries; so many minutes until the next.
    Wait(i64),
    /// Nothing could be checked just now.
    Busy,
    /// The code.
    Code,
}

impl SignInFault {
    /// What to tell.
    pub fn words(self, lang: Lang) -> String {
        match self {
            Self::Wrong => say(
                lang,
                "Tên đăng nhập hoặc mật khẩu không đúng. Mật khẩu cấp lần đầu chỉ dùng được trong 7 ngày.",
                "The name or the password is wrong. A one-time password holds for 7 days.",
            )
            .to_owned(),
            Self::Wait(minutes) => match lang {
                Lang::Vi => format!("Đã thử nhiều lần. Xin chờ {minutes} phút rồi thử lại."),
                Lang::En => format!("Too many tries. Wait {minutes} min, then try again."),
            },
            Self::Busy => say(
                lang,
                "Máy chủ đang bận, chưa kiểm tra được. Xin chờ một phút rồi thử lại.",
                "The server is busy and could not check. Wait a minute, then try again.",
            )
            .to_owned(),
            Self::Code => say(
                lang,
                "Mã không đúng hoặc đã dùng. Xin chờ mã mới trên điện thoại rồi nhập lại.",
                "The code is wrong or was used. Wait for the next one on your phone, then enter it.",
            )
            .to_owned(),
        }
    }
}

/// What the sign-in page shows.
#[derive(Clone, Debug)]
pub struct SignInPage {
    /// Language.
    pub lang: Lang,
    /// There is no administrator yet.
    pub no_admin: bool,
    /// The name that was typed.
    pub login: String,
    /// Where to go then; a local address.
    pub next: String,
    /// What is wrong.
    pub fault: Option<SignInFault>,
}

fn title_with(fault: Option<SignInFault>, title: &'static str, lang: Lang) -> String {
    if fault.is_some() { format!("{}: {title}", say(lang, "Lỗi", "Error")) } else { title.to_owned() }
}

/// The title of the sign-in page; an error comes first in it.
pub fn sign_in_title(page: &SignInPage) -> String {
    title_with(page.fault, say(page.lang, "Đăng nhập", "Sign in"), page.lang)
}

/// The sign-in page.
pub fn sign_in_view(page: &SignInPage) -> AnyView {
    let lang = page.lang;
    let wrong = page.fault == Some(SignInFault::Wrong);
    let words = page.fault.map(|fault| fault.words(lang));
    let first = page.no_admin.then(|| {
        view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có người quản trị nào. Người vận hành máy chủ tạo tài khoản đầu tiên bằng lệnh:",
                        "There is no administrator yet. Who runs the server makes the first account with:",
                    )}
                </p>
                <p>
                    <code>"hailong user add NAME --role admin"</code>
                </p>
                <p>
                    {say(
                        lang,
                        "Lệnh in ra mật khẩu dùng một lần; đăng nhập ở đây rồi đổi.",
                        "It prints a one-time password; sign in here with it and change it.",
                    )}
                </p>
            </div>
        }
    });
    view! {
        <div class="staff-form">
            <h1>{say(lang, "Đăng nhập", "Sign in")}</h1>
            <p class="prose">
                {say(
                    lang,
                    "Dành cho cán bộ. Người dân đánh giá tại quầy không cần tài khoản.",
                    "For staff. Citizens who answer at a desk need no account.",
                )}
            </p>
            {first}
            <form method="post" action=in_lang("/quan-tri/dang-nhap", lang)>
                {fault(words.as_deref())}
                <input type="hidden" name="tiep" value=page.next.clone()/>
                {Field {
                    autocomplete: "username",
                    wrong,
                    ..Field::text("ten", say(lang, "Tên đăng nhập", "Name"), &page.login)
                }
                    .view()}
                {Field { wrong, ..Field::password("mat-khau", say(lang, "Mật khẩu", "Password"), "current-password") }
                    .view()}
                <button class="button">{say(lang, "Đăng nhập", "Sign in")}</button>
            </form>
            <p class="secondary">
                {say(
                    lang,
                    "Quên mật khẩu: xin người quản trị cấp mật khẩu dùng một lần.",
                    "Forgotten password: ask the administrator for a one-time one.",
                )}
            </p>
        </div>
    }
    .into_any()
}

/// What the page of the second factor shows.
#[derive(Clone, Debug)]
pub struct CodePage {
    /// Language.
    pub lang: Lang,
    /// Where to go then.
    pub next: String,
    /// What is wrong.
    pub fault: Option<SignInFault>,
}

/// Its title.
pub fn code_title(page: &CodePage) -> String {
    title_with(page.fault, say(page.lang, "Mã xác thực", "Verification code"), page.lang)
}

fn code_field(lang: Lang, wrong: bool) -> AnyView {
    Field {
        hint: Some(say(
            lang,
            "Sáu chữ số, đổi mỗi 30 giây, trong ứng dụng xác thực trên điện thoại của Ông/Bà.",
            "Six figures that change every 30 seconds, in the authenticator on your phone.",
        )),
        autocomplete: "one-time-code",
        wrong,
        ..Field::text("ma", say(lang, "Mã xác thực", "Verification code"), "")
    }
    .view()
}

/// The page of the second factor.
pub fn code_view(page: &CodePage) -> AnyView {
    let lang = page.lang;
    let words = page.fault.map(|fault| fault.words(lang));
    view! {
        <div class="staff-form">
            <h1>{say(lang, "Mã xác thực", "Verification code")}</h1>
            <form method="post" action=in_lang("/quan-tri/dang-nhap/ma", lang)>
                {fault(words.as_deref())}
                <input type="hidden" name="tiep" value=page.next.clone()/>
                {code_field(lang, page.fault.is_some())}
                <button class="button">{say(lang, "Tiếp tục", "Continue")}</button>
            </form>
            <p class="secondary">
                {say(
                    lang,
                    "Mất điện thoại: xin một người quản trị khác bỏ mã xác thực cũ, hoặc người vận hành máy chủ chạy lệnh hailong user reset.",
                    "Lost phone: another administrator takes the old second factor away, or who runs the server does with hailong user reset.",
                )}
            </p>
        </div>
    }
    .into_any()
}

/// What the page that sets the second factor up shows.
#[derive(Clone, Debug)]
pub struct EnrolPage {
    /// Language.
    pub lang: Lang,
    /// Where to go then.
    pub next: String,
    /// An SVG element of the server's own making.
    pub qr: Option<String>,
    /// The secret in groups of four.
    pub words: String,
    /// The secret, sealed.
    pub sealed: String,
    /// What is wrong.
    pub fault: Option<SignInFault>,
}

/// Its title.
pub fn enrol_title(page: &EnrolPage) -> String {
    title_with(page.fault, say(page.lang, "Thiết lập mã xác thực", "Set up the second factor"), page.lang)
}

/// The page that sets the second factor up.
pub fn enrol_view(page: &EnrolPage) -> AnyView {
    let lang = page.lang;
    let words = page.fault.map(|fault| fault.words(lang));
    let qr = page.qr.clone().map(|svg| {
        view! {
            <div
                class="staff-qr"
                role="img"
                aria-label=say(lang, "Mã để quét bằng ứng dụng xác thực", "A code to scan with the authenticator")
                inner_html=svg
            ></div>
        }
    });
    view! {
        <div class="staff-form">
            <h1>{say(lang, "Thiết lập mã xác thực", "Set up the second factor")}</h1>
            <ol>
                <li>
                    {say(
                        lang,
                        "Cài một ứng dụng xác thực trên điện thoại (Google Authenticator, Microsoft Authenticator, FreeOTP…).",
                        "Install an authenticator on your phone (Google Authenticator, Microsoft Authenticator, FreeOTP…).",
                    )}
                </li>
                <li>
                    {say(
                        lang,
                        "Quét hình dưới đây, hoặc gõ khoá bằng tay.",
                        "Scan the picture below, or type the key by hand.",
                    )}
                </li>
                <li>
                    {say(lang, "Nhập mã sáu chữ số đang hiện.", "Enter the six figures that it shows.")}
                </li>
            </ol>
            {qr}
            <p>
                {say(lang, "Khoá: ", "Key: ")}
                <code class="staff-key">{page.words.clone()}</code>
            </p>
            <form method="post" action=in_lang("/quan-tri/dang-nhap/thiet-lap", lang)>
                {fault(words.as_deref())}
                <input type="hidden" name="tiep" value=page.next.clone()/>
                <input type="hidden" name="khoa" value=page.sealed.clone()/>
                {code_field(lang, page.fault.is_some())}
                <button class="button">{say(lang, "Xong", "Done")}</button>
            </form>
        </div>
    }
    .into_any()
}

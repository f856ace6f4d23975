//! The file of a device that could not send, or that the server does not know: what is in it, and whose it is.

use leptos::prelude::*;

use super::{TEAMS_PATH, choice};
use crate::components::number::{instant, say};
use crate::domain::limits;
use crate::domain::text::Lang;
use crate::pages::staff::{fault, in_lang};

/// A file that was sent and waits for the word to take it in.
#[derive(Clone, Debug)]
pub struct FilePage {
    /// Language.
    pub lang: Lang,
    /// Key of the team.
    pub team: i32,
    /// Its name.
    pub team_name: String,
    /// Under this word the server keeps the file.
    pub token: String,
    /// The device as the file names it.
    pub device: String,
    /// Its surveyor as the file names them.
    pub surveyor: Option<String>,
    /// When the file was written, by the device's clock.
    pub written_at: i64,
    /// Responses and events in it.
    pub records: (usize, usize),
    /// Records that the server has already.
    pub known: usize,
    /// Lines that are damaged.
    pub broken: Vec<usize>,
    /// Whether the server knows the device.
    pub is_known: bool,
    /// Whose it may be: members or posts, the likely one first.
    pub holders: Vec<(String, String)>,
}

/// The form on the page of a team that sends a file.
pub fn file_form(team: i32, error: Option<&str>, lang: Lang) -> AnyView {
    let mega = limits::OUTBOX_FILE_BYTES / (1024 * 1024);
    let hint = match lang {
        Lang::Vi => format!(
            "Khi máy không gửi được qua mạng: trên máy bấm “Phiếu trong máy”, “Xuất ra tệp”, rồi gửi tệp ấy ở đây (không quá \
             {mega} MB). Bước sau cho biết trong tệp có gì, trước khi nhận."
        ),
        Lang::En => format!(
            "Where a device cannot send: export its forms to a file there, and send the file here ({mega} MB at most). The \
             next step says what is in it, before anything is taken."
        ),
    };
    view! {
        <section aria-labelledby="tep-may">
            <h2 id="tep-may">{say(lang, "Nhận tệp của máy", "Take in the file of a device")}</h2>
            <form
                class="staff-form"
                method="post"
                action=in_lang(&format!("{TEAMS_PATH}/{team}/tep"), lang)
                enctype="multipart/form-data"
            >
                {fault(error)}
                <div class="staff-field">
                    <label class="label" for="tep">
                        {say(lang, "Tệp hailong-may-….json", "File hailong-may-….json")}
                    </label>
                    <p class="secondary" id="tep-goi-y">
                        {hint}
                    </p>
                    <input class="field" id="tep" name="tep" type="file" accept=".json" aria-describedby="tep-goi-y" required/>
                </div>
                <button class="button button--secondary">{say(lang, "Xem tệp", "Look at the file")}</button>
            </form>
        </section>
    }
    .into_any()
}

/// The title.
pub fn file_title(page: &FilePage) -> String {
    format!("{} · {}", say(page.lang, "Nhận tệp của máy", "Take in the file of a device"), page.team_name)
}

/// The page that asks for the word.
pub fn file_view(page: &FilePage) -> AnyView {
    let lang = page.lang;
    let (responses, events) = page.records;
    let fresh = (responses + events).saturating_sub(page.known);
    let team = in_lang(&format!("{TEAMS_PATH}/{}", page.team), lang);
    let whose = if page.is_known {
        say(
            lang,
            "Máy chủ nhận ra máy này. Xin xem lại tệp là của ai.",
            "The server knows this device. Check whose file it is.",
        )
    } else {
        say(
            lang,
            "Máy chủ không nhận ra máy này: máy được ghi danh sau bản sao lưu đã khôi phục. Phiếu được tính cho người chọn dưới đây, theo lời của người nhận tệp; việc này được ghi nhật ký.",
            "The server does not know this device: it was enrolled after the backup that was restored. The forms count for the person chosen below, on the word of who takes them in; this is noted in the log.",
        )
    };
    let broken = page.broken.iter().take(20).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let broken = (!broken.is_empty()).then(|| match lang {
        Lang::Vi => format!("{} dòng hỏng, không đọc được: dòng {broken}. Các dòng khác vẫn nhận.", page.broken.len()),
        Lang::En => format!("{} damaged lines: {broken}. The others are taken.", page.broken.len()),
    });
    let who = page.surveyor.clone().map(|name| format!(" · {name}")).unwrap_or_default();
    view! {
        <p>
            <a href=team>{page.team_name.clone()}</a>
        </p>
        <h1>{say(lang, "Nhận tệp của máy", "Take in the file of a device")}</h1>
        {fault(broken.as_deref())}
        <dl class="chain">
            <dt>{say(lang, "Máy", "Device")}</dt>
            <dd>{format!("{}{who}", page.device)}</dd>
            <dt>{say(lang, "Tệp viết lúc (giờ của máy)", "Written at (clock of the device)")}</dt>
            <dd>{instant(page.written_at, lang)}</dd>
            <dt>{say(lang, "Phiếu", "Forms")}</dt>
            <dd>{responses}</dd>
            <dt>{say(lang, "Ghi chép đường đi", "Notes of the way")}</dt>
            <dd>{events}</dd>
            <dt>{say(lang, "Máy chủ đã có", "The server has")}</dt>
            <dd>{page.known}</dd>
            <dt>{say(lang, "Sẽ nhận mới", "To be taken in")}</dt>
            <dd>{fresh}</dd>
        </dl>
        <p>{whose}</p>
        <form class="staff-form" method="post" action=in_lang(&format!("{TEAMS_PATH}/{}/tep-nhan", page.team), lang)>
            <input type="hidden" name="tep" value=page.token.clone()/>
            {choice("cua", say(lang, "Tệp này là của", "This file is of"), &page.holders)}
            <button class="button">{say(lang, "Nhận tệp", "Take it in")}</button>
        </form>
    }
    .into_any()
}

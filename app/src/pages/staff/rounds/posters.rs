//! Posters of the desks, one sheet each, to be printed.

use leptos::prelude::*;

use super::ROUNDS;
use crate::components::number::say;
use crate::domain::text::Lang;
use crate::pages::staff::in_lang;
use crate::server_side::poster::Unprintable;

/// One poster.
#[derive(Clone, Debug)]
pub struct Poster {
    /// Name of the agency.
    pub agency: String,
    /// Name of the desk.
    pub desk: String,
    /// Code of the desk.
    pub code: String,
    /// Its whole address.
    pub address: String,
    /// The address as a picture.
    pub qr: String,
}

/// `/quan-tri/dot/{code}/bang`.
#[derive(Clone, Debug)]
pub struct PostersPage {
    /// Language of the page; posters are in both.
    pub lang: Lang,
    /// Code and name of the round.
    pub round: (String, String),
    /// Its posters, or why there are none to print.
    pub posters: Result<Vec<Poster>, Unprintable>,
    /// All data are simulated.
    pub sample_data: bool,
}

/// The title.
pub fn posters_title(page: &PostersPage) -> String {
    format!("{} · {}", say(page.lang, "Bảng cho các quầy", "Posters"), page.round.1)
}

/// The page.
pub fn posters_view(page: &PostersPage) -> AnyView {
    let lang = page.lang;
    let back = in_lang(&format!("{ROUNDS}/{}", page.round.0), lang);
    let body = match &page.posters {
        Err(why) => {
            let words = match why {
                Unprintable::Loopback => say(
                    lang,
                    "PUBLIC_URL chỉ máy này mới mở được, nên chưa in bảng. Xin đặt PUBLIC_URL là địa chỉ https mà điện thoại mở được, rồi khởi động lại.",
                    "Only this machine reaches PUBLIC_URL, so no poster is printed. Set it to an https address that phones reach, and start again.",
                ),
                Unprintable::Plain => say(
                    lang,
                    "PUBLIC_URL là http không mã hoá, nên chưa in bảng. Xin đặt PUBLIC_URL là địa chỉ https, rồi khởi động lại.",
                    "PUBLIC_URL is plain http, so no poster is printed. Set it to an https address, and start again.",
                ),
            };
            view! {
                <p class="error" role="alert">
                    {words}
                </p>
            }
            .into_any()
        }
        Ok(posters) => posters.iter().map(|poster| one(poster, page.sample_data)).collect_view().into_any(),
    };
    view! {
        <div>
            <p class="heading__above narrow-print">
                <a href=back>{page.round.1.clone()}</a>
            </p>
            <h1 class="narrow-print">{say(lang, "Bảng cho các quầy", "Posters")}</h1>
            {body}
        </div>
    }
    .into_any()
}

fn one(poster: &Poster, sample_data: bool) -> AnyView {
    let mark = sample_data.then(|| view! { <p class="poster__mark">"SỐ LIỆU MÔ PHỎNG"</p> });
    view! {
        <article class="poster">
            {mark}
            <p class="poster__agency">{poster.agency.clone()}</p>
            <p>{poster.desk.clone()}</p>
            <p class="poster__ask">"Ông/Bà hài lòng với sự phục vụ hôm nay không?"</p>
            <div class="poster__code" inner_html=poster.qr.clone()></div>
            <p>"Quét mã bằng điện thoại, chạm một mức là xong. Không hỏi tên, số điện thoại."</p>
            <p class="secondary">"Scan the code to rate today’s service. No name is asked."</p>
            <p>"Hoặc mở " <b>{poster.address.split("/k/").next().unwrap_or_default().to_owned()}</b> " và nhập mã"</p>
            <p class="poster__letters">{poster.code.clone()}</p>
        </article>
    }
    .into_any()
}

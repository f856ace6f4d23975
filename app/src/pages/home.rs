//! `/`: what this is, the code on the sign, the results.

use leptos::prelude::*;

use crate::components::number::say;
use crate::domain::limits;
use crate::domain::text::Lang;

/// What the first page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomePage {
    /// The language.
    pub lang: Lang,
    /// The place whose agencies are measured: "thành phố Cần Thơ".
    pub place: String,
    /// A code that no desk has, as it was typed.
    pub unknown_code: Option<String>,
}

/// The title of the first page; an error comes first in it.
pub fn home_title(page: &HomePage) -> &'static str {
    match page.unknown_code {
        Some(_) => say(page.lang, "Lỗi: không có mã này", "Error: no such code"),
        None => say(page.lang, "Đánh giá sự phục vụ của cơ quan nhà nước", "Rate the service of state agencies"),
    }
}

/// The first page.
pub fn home_view(page: &HomePage) -> AnyView {
    let lang = page.lang;
    let with_lang = |path: &str| if lang == Lang::Vi { path.to_owned() } else { format!("{path}?lang={}", lang.tag()) };
    let intro = match lang {
        Lang::Vi => format!(
            "Ông/Bà vừa làm thủ tục ở một cơ quan của {}? Xin cho biết Ông/Bà hài lòng đến đâu. Không hỏi tên, số điện thoại; cán bộ không biết ai trả lời.",
            page.place
        ),
        Lang::En => format!(
            "Have you just dealt with an agency of {}? Tell how satisfied you are. No name or telephone number is asked, and the staff cannot know who answered.",
            page.place
        ),
    };
    let unknown = page.unknown_code.is_some();
    let error = page.unknown_code.as_ref().map(|code| {
        let words = match lang {
            Lang::Vi => format!("Không có bảng nào mang mã “{code}”. Xin xem lại trên bảng: trong mã không có số 0, số 1 và các chữ I, L, O, U."),
            Lang::En => format!("No sign has the code “{code}”. Please look at the sign again: a code has no 0, 1, I, L, O or U."),
        };
        view! {
            <p class="error" id="ma-loi">
                {words}
            </p>
        }
    });
    let described_by = if unknown { "ma-loi ma-goi-y" } else { "ma-goi-y" };
    view! {
        <div class="home">
            <h1>{say(lang, "Đánh giá sự phục vụ của cơ quan nhà nước", "Rate the service of state agencies")}</h1>
            <p class="prose">{intro}</p>
            <form class="home__code" method="get" action="/k">
                {(lang == Lang::En).then(|| view! { <input type="hidden" name="lang" value="en"/> })}
                <label class="label" for="ma">
                    {say(lang, "Nhập mã trên bảng", "Enter the code on the sign")}
                </label>
                <p class="secondary" id="ma-goi-y">
                    {say(
                        lang,
                        "Mã in dưới ô quét, trên bảng đặt tại quầy. Chữ hoa hay thường đều được.",
                        "It is printed below the square to scan, on the sign at the desk. Capital or small letters.",
                    )}
                </p>
                {error}
                <div class="home__row">
                    <input
                        class="field"
                        id="ma"
                        name="ma"
                        type="text"
                        required
                        maxlength=limits::CODE_BYTES
                        autocomplete="off"
                        autocapitalize="characters"
                        spellcheck="false"
                        aria-invalid=unknown.then_some("true")
                        aria-describedby=described_by
                        value=page.unknown_code.clone()
                    />
                    <button class="button">{say(lang, "Đánh giá", "Rate")}</button>
                </div>
            </form>
            <section aria-labelledby="ket-qua">
                <h2 id="ket-qua">{say(lang, "Kết quả", "Results")}</h2>
                <p class="prose">
                    {say(
                        lang,
                        "Chỉ số hài lòng của thành phố, từng cấp và từng cơ quan, kèm khoảng tin cậy và số phiếu.",
                        "The satisfaction index of the city, each level and each agency, with its interval and the number of responses.",
                    )}
                </p>
                <ul class="home__links">
                    <li>
                        <a href=with_lang("/ket-qua")>{say(lang, "Xem kết quả", "See the results")}</a>
                    </li>
                    <li>
                        <a href=with_lang("/cach-tinh")>{say(lang, "Chỉ số này tính thế nào", "How the index is calculated")}</a>
                    </li>
                    <li>
                        <a href=with_lang("/quan-tri")>{say(lang, "Cán bộ đăng nhập", "Sign in as staff")}</a>
                    </li>
                </ul>
            </section>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(unknown_code: Option<&str>, lang: Lang) -> HomePage {
        HomePage { lang, place: "thành phố Cần Thơ".into(), unknown_code: unknown_code.map(str::to_owned) }
    }

    #[test]
    fn the_first_page_asks_for_a_code_in_both_languages() {
        for lang in [Lang::Vi, Lang::En] {
            let html = home_view(&page(None, lang)).to_html();
            assert!(html.contains(r#"action="/k""#) && html.contains(r#"name="ma""#));
            assert!(!html.contains("aria-invalid") && !html.contains("class=\"error\""), "{html}");
        }
    }

    #[test]
    fn an_unknown_code_is_shown_as_text_beside_what_to_do() {
        let page = page(Some("\"><script>x</script>"), Lang::Vi);
        let html = home_view(&page).to_html();
        assert!(!html.contains("<script>") && html.contains("Không có bảng nào mang mã"), "{html}");
        assert!(html.contains(r#"aria-invalid="true""#) && home_title(&page).starts_with("Lỗi:"));
    }
}

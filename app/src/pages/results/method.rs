//! `/cach-tinh`: how the index is calculated, in words, with the numbers of the round that is shown.

use leptos::prelude::*;

use super::explain::explanation;
use super::model::{AgencyPage, CityPage};
use super::parts::responses;
use crate::components::number::{count, percent, say};
use crate::components::page::StampLine;
use crate::domain::method::{CityRule, IntervalRule, Method, OverallRule};
use crate::domain::questionnaire::Source;
use crate::domain::text::Lang;
use crate::islands::calculation::Typed;
use crate::islands::calculator::Calculator;

/// What the page of the method shows.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodPage {
    /// The language.
    pub lang: Lang,
    /// The method of the round, or the first of the catalogue.
    pub method: Method,
    /// The round with its city figure, where there is one that may be shown.
    pub city: Option<CityPage>,
    /// An agency whose figure is worked out as an example.
    pub example: Option<AgencyPage>,
    /// What was typed into the calculator.
    pub typed: Typed,
}

/// The example of the calculator, where nothing was typed.
pub fn first_example() -> Typed {
    Typed { population: "2.004".to_owned(), respondents: "312".to_owned(), satisfied: "264".to_owned() }
}

/// Title and heading of the page.
pub fn method_title(lang: Lang) -> &'static str {
    say(lang, "Chỉ số này tính thế nào", "How this index is calculated")
}

/// The page of the method.
pub fn method_view(page: &MethodPage) -> AnyView {
    let lang = page.lang;
    let method = &page.method;
    let sections = sections(method, lang);
    let stamp = page.city.as_ref().map(|city| view! { <StampLine stamp=city.heading.stamp lang=lang/> });
    view! {
        <div class="method">
            <div class="heading">
                <h1>{method_title(lang)}</h1>
                <p>{method.title.get(lang).to_owned()}</p>
                {stamp}
            </div>
            {sections
                .into_iter()
                .map(|(title, text)| {
                    view! {
                        <section>
                            <h2>{title}</h2>
                            <p class="prose">{text}</p>
                        </section>
                    }
                })
                .collect_view()}
            {page.city.as_ref().and_then(|city| in_the_city(city, lang))}
            {page.example.as_ref().map(|agency| example(agency, lang))}
            <section aria-labelledby="thu-tinh">
                <h2 id="thu-tinh">{say(lang, "Thử tính", "Try it")}</h2>
                <p class="prose">
                    {say(
                        lang,
                        "Một câu hỏi, mọi người trong phiếu đều trả lời: khoảng tin cậy rộng hay hẹp tùy số phiếu.",
                        "One question that everybody answered: how wide the interval is depends on the number of responses.",
                    )}
                </p>
                <Calculator lang=lang typed=page.typed.clone()/>
            </section>
            {basis(method, lang)}
        </div>
    }
    .into_any()
}

fn sections(method: &Method, lang: Lang) -> Vec<(&'static str, String)> {
    let from = method.satisfied_from;
    let factor_min = method.min_factor_respondents;
    let rank_min = method.rank_min_n;
    let widest = (100.0 * method.rank_max_half_width).round();
    let overall = match method.overall {
        OverallRule::MeanOfFactors => say(
            lang,
            "Chỉ số của cơ quan là trung bình cộng của các yếu tố.",
            "The index of an agency is the plain mean of its factors.",
        ),
        OverallRule::Pooled => {
            say(lang, "Chỉ số của cơ quan tính gộp mọi tiêu chí.", "The index of an agency pools all criteria.")
        }
    };
    let city = match method.city {
        CityRule::PooledByN => say(
            lang,
            "Chỉ số của cấp và của thành phố là cùng những tổng ấy trên mọi cơ quan, mỗi phiếu nhân với số hồ sơ chia số phiếu của nơi đó.",
            "The index of a level and of the city are the same sums over all agencies, each response multiplied by the dossiers over the responses of its place.",
        ),
        CityRule::MeanOfUnits => say(
            lang,
            "Chỉ số của cấp và của thành phố là trung bình cộng chỉ số của các cơ quan.",
            "The index of a level and of the city is the plain mean of the indices of their agencies.",
        ),
    };
    let (interval_vi, interval_en) = match method.interval {
        IntervalRule::Own => (
            "khoảng tính trên thang logit, ở 0% và 100% theo Wilson",
            "the interval is taken on the logit scale, at 0% and 100% by Wilson",
        ),
        IntervalRule::Pooled => (
            "khoảng của một cơ quan tính theo Wilson với hệ số thiết kế của đợt, ước lượng chung từ mọi cơ quan, nên không phụ thuộc vào việc những câu trả lời nào là của cùng một người; cấp và thành phố có từ 5 cơ quan và 500 phiếu tính trên thang logit; lĩnh vực có dưới 10 phiếu được gộp với lĩnh vực ít phiếu kế tiếp",
            "the interval of an agency is Wilson’s with the design ratio of the round, estimated over all agencies, so that it does not depend on which answers are of one person; a level and the city with at least 5 agencies and 500 responses are taken on the logit scale; fields with fewer than 10 responses are joined to the next smallest",
        ),
    };
    let vi = [
        ("Ai được tính", "Người dân, đại diện tổ chức đã nhận kết quả. Phiếu hợp lệ khi trả lời ít nhất một nửa số câu được hỏi, không kể yếu tố không bắt buộc; số phiếu không tính luôn được ghi rõ. Mức chạm nhanh trên điện thoại là một câu riêng, không tính vào chỉ số.".to_owned()),
        ("Hài lòng là gì", format!("Trả lời ở mức {from} hoặc 5. Câu trả lời “không biết, chưa dùng đến” và câu bỏ trống không tính vào bên nào, không bao giờ coi là mức 3.")),
        ("Tiêu chí, yếu tố, chỉ số", format!("Tiêu chí: số người hài lòng chia số người có trả lời. Yếu tố: tổng số câu hài lòng chia tổng số câu có trả lời của các tiêu chí trong yếu tố. {overall} Yếu tố có dưới {factor_min} người trả lời chưa được tính, và trang ghi rõ “trên 4/5 yếu tố”. {city}")),
        ("Khoảng tin cậy", format!("Hỏi một phần số người thì con số có sai số. Khoảng tin cậy 95% cho biết con số của tất cả mọi người có thể nằm ở đâu. Đơn vị chọn mẫu là người trả lời, có hiệu chỉnh theo số hồ sơ; {interval_vi}. Hỏi hết mọi người thì không còn sai số chọn mẫu.")),
        ("Hạng", format!("Xếp hạng trong từng cấp, khi có ít nhất {rank_min} phiếu, nửa khoảng tin cậy không quá {widest} điểm và đủ mọi yếu tố. “Có thể từ hạng … đến hạng …” là những hạng mà số liệu cho phép khi xét đồng thời mọi cơ quan. Khoảng chồng lên nhau thì chưa thể nói bên nào hơn.")),
        ("Các nguồn phiếu không cộng với nhau", "Điều tra mẫu đại diện cho mọi người làm thủ tục. Phản hồi tự nguyện là ý kiến của người tự quét mã: có số phiếu và tỷ lệ, không có khoảng tin cậy, không xếp hạng, không cộng giữa các cơ quan.".to_owned()),
        ("Bảo vệ người trả lời", "Con số chỉ hiện khi dựa trên ít nhất 5 người; ít hơn thì ẩn, và ẩn thêm một con số khác để không thể tính ngược. Không có tên, số điện thoại hay địa chỉ máy của người trả lời tại quầy.".to_owned()),
    ];
    let en = [
        ("Who counts", "Citizens and representatives of organisations who have received a result. A response is valid when at least half of the questions asked are answered, optional factors aside; the number left out is always shown. The one-tap answer on the phone is a question of its own and never in the index.".to_owned()),
        ("What satisfied means", format!("An answer of {from} or 5. “Don’t know, not used” and blanks count on neither side and are never taken for a 3.")),
        ("Criteria, factors, index", format!("Criterion: the satisfied over those who answered. Factor: all satisfied answers over all answers to its criteria. {overall} A factor answered by fewer than {factor_min} people does not count yet, and the page says “on 4 of 5 factors”. {city}")),
        ("The interval", format!("Who asks only some people gets a figure with an error. The 95% interval says where the figure of everybody may lie. The respondent is the sampling unit, corrected for the number of dossiers; {interval_en}. Where everybody was asked there is no sampling error.")),
        ("Ranks", format!("Ranks are within a level, from {rank_min} responses, with half an interval of at most {widest} points and all factors. The possible ranks are those that the data allow for all agencies at once. Of two agencies whose intervals overlap it cannot be said which is better.")),
        ("Streams are never added up", "The sample survey stands for everybody who dealt with an agency. Voluntary feedback is the view of those who scanned a code: it has a number of responses and a share, no interval, no rank and no sum over agencies.".to_owned()),
        ("How respondents are protected", "A figure is shown only when it rests on at least 5 people; otherwise it is hidden, with a second one, so that it cannot be worked out. No name, telephone number or device address of who answers at a desk is kept.".to_owned()),
    ];
    match lang {
        Lang::Vi => vi.into(),
        Lang::En => en.into(),
    }
}

fn in_the_city(city: &CityPage, lang: Lang) -> Option<AnyView> {
    let headline = city.headline.as_ref()?;
    let figure = headline.figure.value()?;
    let interval = headline.figure.precision_words(lang);
    let (n, population) = (responses(headline.n, lang), count(headline.population?, lang));
    let figure = percent(figure, lang);
    let round = city.heading.round.clone();
    let text = match lang {
        Lang::Vi => format!(
            "{round}: {n} đại diện cho {population} hồ sơ. Chỉ số của thành phố là {figure}, khoảng tin cậy 95% {interval}."
        ),
        Lang::En => format!(
            "{round}: {n} stand for {population} dossiers. The index of the city is {figure}, 95% interval {interval}."
        ),
    };
    Some(
        view! {
            <section>
                <h2>{say(lang, "Trong đợt này", "In this round")}</h2>
                <p class="prose">{text}</p>
            </section>
        }
        .into_any(),
    )
}

fn example(agency: &AgencyPage, lang: Lang) -> AnyView {
    let steps = agency.explanation.as_ref().map(|e| explanation(e, &agency.headline, lang));
    let href = agency.heading.query.elsewhere().href(&format!("/ket-qua/{}", agency.code));
    view! {
        <section>
            <h2>{say(lang, "Một ví dụ", "An example")}</h2>
            <p>
                <a href=href>{agency.name.clone()}</a>
                {format!(": {}", responses(agency.headline.n, lang))}
            </p>
        </section>
        {steps}
    }
    .into_any()
}

fn basis(method: &Method, lang: Lang) -> AnyView {
    let reference = (method.source == Source::Reference).then(|| {
        say(
            lang,
            "Phương pháp tham khảo: chưa đối chiếu với toàn văn Quyết định 703/QĐ-UBND ngày 19/3/2018 của Ủy ban nhân dân thành phố Cần Thơ.",
            "A reference method: not yet compared with the full text of Decision 703/QĐ-UBND of 19/3/2018 of the People’s Committee of Cần Thơ.",
        )
    });
    let document = |basis: &crate::domain::questionnaire::LegalBasis| {
        let date = basis.date.as_deref().map(|iso| {
            let parts: Vec<&str> = iso.rsplit('-').collect();
            format!("{} {}", say(lang, ", ngày", ", of"), parts.join("/"))
        });
        view! {
            <li>
                <strong>{basis.document.clone()}</strong>
                {date}
                ": "
                {basis.gives.get(lang).to_owned()}
            </li>
        }
    };
    view! {
        <section class="basis">
            <h2>{say(lang, "Căn cứ", "Basis")}</h2>
            {reference.map(|words| view! { <p>{words}</p> })}
            <ul class="prose">{method.legal_basis.iter().map(document).collect_view()}</ul>
        </section>
    }
    .into_any()
}

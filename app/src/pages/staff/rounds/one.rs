//! One round: what it is, when it closes, whom it measures with how many dossiers, and its desks.

use leptos::prelude::*;

use super::{
    Choice, Input, ROUNDS, RoundForm, RoundRow, done_line, faults, open_words, period_words, round_fields, select,
    with_error,
};
use crate::components::number::{count, say};
use crate::components::tables::Scroll;
use crate::domain::limits;
use crate::domain::sheet::SheetFault;
use crate::domain::text::Lang;
use crate::pages::staff::in_lang;

/// A stratum: an agency, or one of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StratumRow {
    /// Code of the agency.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Name of the field.
    pub field: Option<String>,
    /// N.
    pub population: Option<i64>,
    /// Desks of the agency.
    pub desks: usize,
}

/// A desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskRow {
    /// Its code.
    pub code: String,
    /// Name of the agency.
    pub agency: String,
    /// Words on the sign.
    pub name: String,
}

/// Which form was sent in vain, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wrong {
    /// None was.
    #[default]
    Nothing,
    /// The form of the round itself; its faults are in the form.
    Round,
    /// When it closes.
    Closing(SheetFault),
    /// Agencies with their N.
    Agencies(Vec<SheetFault>),
    /// Desks.
    Desks(SheetFault),
}

/// What was typed into the smaller forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// When it closes.
    pub closes: String,
    /// Code of an agency.
    pub agency: String,
    /// Code of a field.
    pub field: String,
    /// N.
    pub population: String,
    /// Code of the agency of a desk.
    pub desk_agency: String,
    /// Name of a desk.
    pub desk: String,
}

/// `/quan-tri/dot/{code}`.
#[derive(Clone, Debug)]
pub struct RoundPage {
    /// Language.
    pub lang: Lang,
    /// The round.
    pub round: RoundRow,
    /// Official title of the questionnaire.
    pub questionnaire: String,
    /// Title of the method.
    pub method: String,
    /// The form of everything, while nothing rests on it.
    pub form: Option<RoundForm>,
    /// Its strata, by agency.
    pub strata: Vec<StratumRow>,
    /// Its desks, by agency.
    pub desks: Vec<DeskRow>,
    /// Agencies of the period: code and name.
    pub agencies: Vec<Choice>,
    /// Fields of the round: code and name.
    pub fields: Vec<Choice>,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong.
    pub wrong: Wrong,
    /// What was just done.
    pub done: Option<String>,
}

/// The title.
pub fn round_title(page: &RoundPage) -> String {
    with_error(page.round.name.clone(), page.wrong != Wrong::Nothing, page.lang)
}

impl RoundPage {
    fn to(&self, what: &str) -> String {
        in_lang(&format!("{ROUNDS}/{}/{what}", self.round.code), self.lang)
    }
}

/// The page.
pub fn round_view(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let round = &page.round;
    let mark = round.sample_data.then(|| say(lang, "số liệu mô phỏng", "simulated data"));
    let mark = mark.unwrap_or_else(|| {
        say(lang, "số liệu thật: công chúng chỉ thấy bản công bố", "real data: the public sees publications only")
    });
    let lines = [
        (say(lang, "Tình trạng", "State"), format!("{} · {mark}", round.stage.words(lang))),
        (say(lang, "Nhận phiếu", "Takes answers"), open_words(round.open, lang)),
        (say(lang, "Kỳ đo lường", "Period"), period_words(round.period, lang)),
        (say(lang, "Mẫu phiếu", "Questionnaire"), format!("{} ({})", page.questionnaire, round.questionnaire)),
        (say(lang, "Phương pháp", "Method"), page.method.clone()),
    ];
    view! {
        <div class="spaced">
            <p class="heading__above">
                <a href=in_lang(ROUNDS, lang)>{say(lang, "Đợt đo lường", "Rounds")}</a>
            </p>
            <h1>{round.name.clone()}</h1>
            {done_line(page.done.as_deref())}
            <dl class="chain">
                {lines
                    .into_iter()
                    .map(|(name, words)| {
                        view! {
                            <dt>{name}</dt>
                            <dd>{words}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
            {without_form(page)}
            {next_steps(page)}
            {agencies(page)}
            {desks(page)}
            {round.stage.may_change().then(|| closing(page))}
            {page.form.as_ref().map(|form| edit(page, form))}
        </div>
    }
    .into_any()
}

/// What is wrong, where the form that was sent is not on the page any more: the round was frozen meanwhile, or has no
/// agency that a desk could stand in.
fn without_form(page: &RoundPage) -> Option<AnyView> {
    let frozen = !page.round.stage.may_change();
    match &page.wrong {
        Wrong::Closing(fault) if frozen => faults(std::slice::from_ref(fault), page.lang),
        Wrong::Agencies(all) if frozen => faults(all, page.lang),
        Wrong::Desks(fault) if frozen || page.strata.is_empty() => faults(std::slice::from_ref(fault), page.lang),
        _ => None,
    }
}

/// What is still missing before the round can be answered.
fn next_steps(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let unknown = page.strata.iter().filter(|s| s.population.is_none()).count();
    let mut missing = Vec::new();
    if page.strata.is_empty() {
        missing.push(say(lang, "chưa có cơ quan nào", "there is no agency yet").to_owned());
    }
    if page.desks.is_empty() {
        missing.push(say(lang, "chưa có quầy nào", "there is no desk yet").to_owned());
    }
    if unknown > 0 {
        let n = count(unknown as i64, lang);
        missing.push(match lang {
            Lang::Vi => format!("{n} dòng chưa có số hồ sơ (N), nên chưa có khoảng tin cậy"),
            Lang::En => format!("{n} rows have no number of dossiers (N), so there is no interval yet"),
        });
    }
    if missing.is_empty() || !page.round.stage.may_change() {
        return ().into_any();
    }
    let words = format!("{} {}.", say(lang, "Còn thiếu:", "Missing:"), missing.join("; "));
    view! { <p>{words}</p> }.into_any()
}

fn agencies(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let with_fields = !page.fields.is_empty();
    let may = page.round.stage.may_change();
    let rows: Vec<_> = page
        .strata
        .iter()
        .map(|row| {
            let n = row.population.map_or_else(|| say(lang, "chưa biết", "not known").to_owned(), |n| count(n, lang));
            let label = format!("{} {}", say(lang, "Bỏ", "Take out"), row.name);
            let out = (may && row.desks == 0).then(|| {
                view! {
                    <form method="post" action=page.to("bo-co-quan")>
                        <input type="hidden" name="co-quan" value=row.code.clone()/>
                        <button class="linklike" aria-label=label>
                            {say(lang, "Bỏ khỏi đợt", "Take out")}
                        </button>
                    </form>
                }
            });
            view! {
                <tr>
                    <th scope="row">{row.name.clone()}</th>
                    <td>{row.code.clone()}</td>
                    {with_fields.then(|| view! { <td>{row.field.clone().unwrap_or_default()}</td> })}
                    <td class="num">{n}</td>
                    <td class="num">{count(row.desks as i64, lang)}</td>
                    {may.then(|| view! { <td>{out}</td> })}
                </tr>
            }
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Scroll labelled_by="co-quan-ds-ten">
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                            <th scope="col">{say(lang, "Mã", "Code")}</th>
                            {with_fields.then(|| view! { <th scope="col">{say(lang, "Lĩnh vực", "Field")}</th> })}
                            <th scope="col" class="num">
                                {say(lang, "Số hồ sơ (N)", "Dossiers (N)")}
                            </th>
                            <th scope="col" class="num">
                                {say(lang, "Quầy", "Desks")}
                            </th>
                            {may.then(|| view! { <th scope="col">{say(lang, "Việc", "Action")}</th> })}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
    });
    view! {
        <section aria-labelledby="co-quan-ds-ten">
            <h2 id="co-quan-ds-ten">{say(lang, "Cơ quan và số hồ sơ", "Agencies and dossiers")}</h2>
            {table}
            {may.then(|| agency_forms(page))}
        </section>
    }
    .into_any()
}

fn agency_forms(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let wrong: &[SheetFault] = if let Wrong::Agencies(faults) = &page.wrong { faults } else { &[] };
    let of_file = wrong.iter().any(|fault| fault.line > 0);
    let in_form = |column: &str| !of_file && wrong.iter().any(|fault| fault.column == column);
    let (above_file, above_row) = if of_file { (wrong, &[][..]) } else { (&[][..], wrong) };
    let mut fields = vec![(String::new(), say(lang, "Cả cơ quan", "The whole agency").to_owned())];
    fields.extend(page.fields.iter().cloned());
    let fields = (fields.len() > 1)
        .then(|| select("linh-vuc-cua", say(lang, "Lĩnh vực", "Field"), None, &fields, &page.typed.field));
    let list: Vec<_> =
        page.agencies.iter().map(|(code, name)| view! { <option value=code.clone()>{name.clone()}</option> }).collect();
    let kib = limits::ROUND_FILE_BYTES / 1024;
    let hint = match lang {
        Lang::Vi => format!(
            "Các cột: agency (mã cơ quan), field (mã lĩnh vực, có thể bỏ), n (số hồ sơ). Nhiều nhất {kib} KB. Dòng nào sai thì cả tệp không được nhập, và từng dòng sai được chỉ ra."
        ),
        Lang::En => format!(
            "Columns: agency (its code), field (its code, may be left out), n (dossiers). At most {kib} KB. Any bad row refuses the whole file, and every one is named."
        ),
    };
    view! {
        <div class="staff-form">
            <h3>{say(lang, "Thêm hoặc sửa một dòng", "Add or change one row")}</h3>
            <form method="post" action=page.to("co-quan")>
                {faults(above_row, lang)}
                {Input {
                    list: Some("co-quan-ds"),
                    hint: Some(say(lang, "Gõ vài chữ rồi chọn.", "Type a few letters and choose.")),
                    wrong: in_form("agency"),
                    ..Input::new("co-quan", say(lang, "Mã cơ quan", "Code of the agency"), &page.typed.agency)
                }
                    .view()}
                <datalist id="co-quan-ds">{list}</datalist>
                {fields}
                {Input {
                    optional: true,
                    hint: Some(
                        say(
                            lang,
                            "Hồ sơ đã trả kết quả trong kỳ; với bệnh viện, trường học: số người bệnh, người học. Để trống nếu chưa biết.",
                            "Dossiers returned in the period; of hospitals and schools: patients, pupils. Blank while not known.",
                        ),
                    ),
                    wrong: in_form("n"),
                    ..Input::new("so-ho-so", say(lang, "Số hồ sơ (N)", "Dossiers (N)"), &page.typed.population)
                }
                    .view()}
                <button class="button">{say(lang, "Ghi dòng này", "Save the row")}</button>
            </form>
            <h3>{say(lang, "Hoặc từ một tệp CSV", "Or from a CSV file")}</h3>
            <form method="post" action=page.to("danh-sach") enctype="multipart/form-data">
                {faults(above_file, lang)}
                <div class="staff-field">
                    <label class="label" for="tep">
                        {say(lang, "Tệp danh sách", "The file")}
                    </label>
                    <p class="secondary" id="tep-goi-y">
                        {hint}
                    </p>
                    <input
                        class="field"
                        id="tep"
                        name="tep"
                        type="file"
                        accept=".csv,text/csv"
                        required
                        aria-invalid=of_file.then_some("true")
                        aria-describedby=if of_file { "loi tep-goi-y" } else { "tep-goi-y" }
                    />
                </div>
                <button class="button">{say(lang, "Nhập tệp", "Import the file")}</button>
            </form>
        </div>
    }
    .into_any()
}

fn desks(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let may = page.round.stage.may_change() && !page.strata.is_empty();
    let rows: Vec<_> = page
        .desks
        .iter()
        .map(|desk| {
            view! {
                <tr>
                    <th scope="row">
                        <a href=format!("/k/{}", desk.code)>{desk.code.clone()}</a>
                    </th>
                    <td>{desk.agency.clone()}</td>
                    <td>{desk.name.clone()}</td>
                </tr>
            }
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <p>
                <a href=page.to("bang")>{say(lang, "In bảng có mã QR cho các quầy", "Print posters with the codes")}</a>
            </p>
            <Scroll labelled_by="quay">
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Mã trên bảng", "Code on the sign")}</th>
                            <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                            <th scope="col">{say(lang, "Quầy", "Desk")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
    });
    view! {
        <section aria-labelledby="quay">
            <h2 id="quay">{say(lang, "Quầy", "Desks")}</h2>
            {table}
            {may.then(|| desk_forms(page))}
        </section>
    }
    .into_any()
}

fn desk_forms(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let wrong = if let Wrong::Desks(fault) = &page.wrong { std::slice::from_ref(fault) } else { &[] };
    let bad = |column: &str| wrong.iter().any(|fault| fault.column == column);
    let mut choices: Vec<Choice> = Vec::new();
    for row in &page.strata {
        if !choices.iter().any(|(code, _)| *code == row.code) {
            choices.push((row.code.clone(), row.name.clone()));
        }
    }
    let without = choices.len() - {
        let mut with: Vec<&str> = page.strata.iter().filter(|s| s.desks > 0).map(|s| s.code.as_str()).collect();
        with.dedup();
        with.len()
    };
    let all = (without > 0).then(|| {
        let words = match lang {
            Lang::Vi => format!(
                "{without} cơ quan chưa có quầy. Mỗi cơ quan được thêm một quầy “Bộ phận Tiếp nhận và Trả kết quả”."
            ),
            Lang::En => {
                format!("{without} agencies have no desk. Each gets one, named \"Bộ phận Tiếp nhận và Trả kết quả\".")
            }
        };
        view! {
            <h3>{say(lang, "Thêm một quầy cho mỗi cơ quan", "Add one for each agency")}</h3>
            <form method="post" action=page.to("moi-noi-mot-quay")>
                <p class="secondary">{words}</p>
                <button class="button">{say(lang, "Thêm cho tất cả", "Add them all")}</button>
            </form>
        }
    });
    view! {
        <div class="staff-form">
            <h3>{say(lang, "Thêm một quầy", "Add a desk")}</h3>
            <form method="post" action=page.to("quay")>
                {faults(wrong, lang)}
                {select("co-quan-quay", say(lang, "Cơ quan", "Agency"), None, &choices, &page.typed.desk_agency)}
                {Input {
                    hint: Some(
                        say(lang, "Chữ trên bảng, ví dụ: Khoa Khám bệnh, quầy 2.", "Words on the sign, for example: Khoa Khám bệnh, quầy 2."),
                    ),
                    wrong: bad("ten-quay"),
                    ..Input::new("ten-quay", say(lang, "Tên quầy", "Name of the desk"), &page.typed.desk)
                }
                    .view()}
                <button class="button">{say(lang, "Thêm quầy", "Add the desk")}</button>
            </form>
            {all}
        </div>
    }
    .into_any()
}

fn closing(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let wrong = if let Wrong::Closing(fault) = &page.wrong { std::slice::from_ref(fault) } else { &[] };
    view! {
        <section aria-labelledby="dong-dot">
            <h2 id="dong-dot">{say(lang, "Giờ đóng", "When it closes")}</h2>
            <form class="staff-form" method="post" action=page.to("dong")>
                {faults(wrong, lang)}
                {Input {
                    kind: "datetime-local",
                    hint: Some(
                        say(lang, "Giờ Việt Nam. Mỗi lần đổi được ghi vào nhật ký.", "The time of Việt Nam. Every change goes into the log."),
                    ),
                    wrong: !wrong.is_empty(),
                    ..Input::new("dong-luc", say(lang, "Đóng nhận phiếu lúc", "Closes at"), &page.typed.closes)
                }
                    .view()}
                <button class="button">{say(lang, "Đổi giờ đóng", "Change it")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn edit(page: &RoundPage, form: &RoundForm) -> AnyView {
    let lang = page.lang;
    view! {
        <section aria-labelledby="sua">
            <h2 id="sua">{say(lang, "Sửa đợt", "Change the round")}</h2>
            <p class="secondary">
                {say(
                    lang,
                    "Còn sửa được vì đợt chưa mở và chưa có phiếu nào.",
                    "It may be changed, for it has not opened and has no response.",
                )}
            </p>
            <form class="staff-form" method="post" action=page.to("sua")>
                {round_fields(form, lang)}
                <button class="button">{say(lang, "Lưu", "Save")}</button>
            </form>
        </section>
    }
    .into_any()
}

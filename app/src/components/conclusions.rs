//! Conclusions as sentences: a change, a pair, a target, a band, how many more responses. Nothing is computed here.

use super::number::{count, decimal, say};
use crate::domain::conclude::{Adequacy, Against, Needed};
use crate::domain::index::{BandReading, Difference, NotCompared, PairVerdict, ParReading, Verdict};
use crate::domain::method::Target;
use crate::domain::text::Lang;
use crate::domain::trend::{Break, NoChange};

/// A difference in points with its sign: "+0,8", "−1,2", "0,0".
pub fn points(difference: f64, lang: Lang) -> String {
    let words = decimal(100.0 * difference, 1, lang);
    let nothing = words.chars().all(|c| "0,.".contains(c));
    if difference > 0.0 && !nothing { format!("+{words}") } else { words }
}

/// A difference with its interval: "+0,8 điểm; từ −0,4 đến +2,0".
pub fn difference(d: &Difference, lang: Lang) -> String {
    let [value, low, high] = [d.value, d.low, d.high].map(|share| points(share, lang));
    match lang {
        Lang::Vi => format!("{value} điểm; từ {low} đến {high}"),
        Lang::En => format!("{value} points; from {low} to {high}"),
    }
}

/// A change since a round, whose label reads "năm 2017" in Vietnamese and "2017" in English.
pub fn change(change: &Result<Difference, NoChange>, since: &str, lang: Lang) -> String {
    let d = match change {
        Ok(d) => d,
        Err(why) => return no_change(why, lang),
    };
    let figures = difference(d, lang);
    match (d.verdict(), lang) {
        (Verdict::Higher, Lang::Vi) => format!("Tăng so với {since} ({figures})"),
        (Verdict::Higher, Lang::En) => format!("Higher than in {since} ({figures})"),
        (Verdict::Lower, Lang::Vi) => format!("Giảm so với {since} ({figures})"),
        (Verdict::Lower, Lang::En) => format!("Lower than in {since} ({figures})"),
        (Verdict::NotClear, Lang::Vi) => format!("Chưa đủ căn cứ nói tăng hay giảm so với {since} ({figures})"),
        (Verdict::NotClear, Lang::En) => format!("Not enough evidence of a rise or fall since {since} ({figures})"),
    }
}

/// A change in a table cell: "tăng", "giảm", "chưa thấy thay đổi rõ", "–" where nothing is compared.
pub fn change_short(change: &Result<Difference, NoChange>, lang: Lang) -> &'static str {
    match change.as_ref().map(Difference::verdict) {
        Ok(Verdict::Higher) => say(lang, "tăng", "up"),
        Ok(Verdict::Lower) => say(lang, "giảm", "down"),
        Ok(Verdict::NotClear) => say(lang, "chưa thấy thay đổi rõ", "no clear change"),
        Err(_) => "–",
    }
}

fn no_change(why: &NoChange, lang: Lang) -> String {
    match why {
        NoChange::FirstRound => {
            say(lang, "Đợt đầu, chưa có số để so sánh", "First round, nothing to compare with yet").to_owned()
        }
        NoChange::Broken { why: Break::Area } => match lang {
            Lang::Vi => format!("Không so sánh được: {}", break_reason(Break::Area, lang)),
            Lang::En => format!("Not comparable: {}", break_reason(Break::Area, lang)),
        },
        NoChange::Broken { why } => {
            let why = break_reason(*why, lang);
            match lang {
                Lang::Vi => format!("Không so sánh được với đợt trước: {why}"),
                Lang::En => format!("Not comparable with the round before: {why}"),
            }
        }
        NoChange::TooFew { n } => match lang {
            Lang::Vi => format!("Chưa so sánh: một đợt chỉ có {} phiếu, cần ít nhất 30", count(*n, lang)),
            Lang::En => {
                format!("Not compared: one round has only {} responses, at least 30 are needed", count(*n, lang))
            }
        },
        NoChange::NotCompared { why } => not_compared(*why, lang).to_owned(),
    }
}

/// Why the line of a series is broken: "đổi phương pháp tính".
pub fn break_reason(why: Break, lang: Lang) -> &'static str {
    match why {
        Break::Method => say(lang, "đổi phương pháp tính", "another method"),
        Break::Questionnaire => say(lang, "đổi mẫu phiếu", "another questionnaire"),
        Break::Stream => say(lang, "đổi nguồn phiếu", "another way of reaching respondents"),
        Break::Area => say(lang, "địa bàn đã thay đổi", "the area has changed"),
    }
}

/// Why two figures are not compared.
pub fn not_compared(why: NotCompared, lang: Lang) -> &'static str {
    match why {
        NotCompared::NoFigure { .. } => say(lang, "Chưa so sánh: chưa có số liệu", "Not compared: no figure yet"),
        NotCompared::NoInterval { .. } => {
            say(lang, "Chưa so sánh: không tính được khoảng tin cậy", "Not compared: there is no interval")
        }
        NotCompared::FactorMissing => {
            say(lang, "Chưa so sánh: quá ít người trả lời yếu tố này", "Not compared: too few answered this factor")
        }
    }
}

/// What may be said of a pair, by the names of both.
pub fn pair(verdict: PairVerdict, first: &str, second: &str, lang: Lang) -> String {
    match (verdict, lang) {
        (PairVerdict::Higher, Lang::Vi) => format!("{first} cao hơn {second}"),
        (PairVerdict::Higher, Lang::En) => format!("{first} is higher than {second}"),
        (PairVerdict::Lower, Lang::Vi) => format!("{first} thấp hơn {second}"),
        (PairVerdict::Lower, Lang::En) => format!("{first} is lower than {second}"),
        (PairVerdict::Equivalent, _) => say(lang, "Tương đương", "About the same").to_owned(),
        (PairVerdict::NotEnough, _) => {
            say(lang, "Chưa đủ căn cứ nói bên nào cao hơn", "Not enough evidence of which is higher").to_owned()
        }
    }
}

/// Where an index stands against a target line.
pub fn target(target: &Target, against: Against, lang: Lang) -> String {
    let line = decimal(100.0 * target.at, u8::from((100.0 * target.at).fract().abs() >= 1e-9), lang);
    match (against, lang) {
        (Against::Above, Lang::Vi) => format!("Chắc chắn đạt mức {line}%"),
        (Against::Above, Lang::En) => format!("Surely at or above {line}%"),
        (Against::Below, Lang::Vi) => format!("Chắc chắn dưới mức {line}%"),
        (Against::Below, Lang::En) => format!("Surely below {line}%"),
        (Against::Undecided, Lang::Vi) => format!("Chưa đủ căn cứ kết luận về mức {line}%"),
        (Against::Undecided, Lang::En) => format!("Not enough evidence about {line}%"),
    }
}

/// A band: "Tốt", "Tốt, sát ngưỡng".
pub fn band(reading: &BandReading<'_>, lang: Lang) -> String {
    let name = reading.band.name.get(lang);
    if reading.near_limit {
        format!("{name}, {}", say(lang, "sát ngưỡng", "near the limit"))
    } else {
        name.to_owned()
    }
}

/// Points of the PAR-INDEX: "8,46/10 (từ 8,33 đến 8,58)".
pub fn par(reading: &ParReading<'_>, lang: Lang) -> String {
    let number = |points: f64| decimal(points, 2, lang);
    let (most, points) = (decimal(reading.rule.maximum_points, 0, lang), number(reading.points));
    let range = reading.range.map(|(low, high)| match lang {
        Lang::Vi => format!(" (từ {} đến {})", number(low), number(high)),
        Lang::En => format!(" (from {} to {})", number(low), number(high)),
    });
    let range = range.unwrap_or_default();
    match lang {
        Lang::Vi => format!("{points}/{most}{range}"),
        Lang::En => format!("{points} of {most}{range}"),
    }
}

/// How many more responses an interval needs.
pub fn needed(needed: &Needed, lang: Lang) -> String {
    let width = decimal(100.0 * needed.half_width, 0, lang);
    let (more, wanted) = (count(needed.more, lang), count(needed.wanted, lang));
    match (needed.more, lang) {
        (0, Lang::Vi) => format!("Đã đủ phiếu cho sai số {width} điểm"),
        (0, Lang::En) => format!("Enough responses for {width} points to either side"),
        (_, Lang::Vi) => format!("Cần thêm khoảng {more} phiếu (tổng {wanted}) để sai số còn {width} điểm"),
        (_, Lang::En) => format!("About {more} more responses ({wanted} in all) for {width} points to either side"),
    }
}

/// What a sample lacks against the rule of the method: "đủ", "thiếu 50".
pub fn adequacy(adequacy: &Adequacy, lang: Lang) -> String {
    let Some(wanted) = adequacy.wanted else {
        return say(lang, "chưa có số hồ sơ", "dossiers missing").to_owned();
    };
    let missing = count(wanted - adequacy.reached, lang);
    match (adequacy.reached >= wanted, lang) {
        (true, _) => say(lang, "đủ", "enough").to_owned(),
        (false, Lang::Vi) => format!("thiếu {missing}"),
        (false, Lang::En) => format!("{missing} short"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(value: f64, low: f64, high: f64) -> Difference {
        Difference { value, low, high }
    }

    #[test]
    fn the_first_round_and_a_break_say_so_in_place_of_a_figure() {
        assert_eq!(change(&Err(NoChange::FirstRound), "năm 2017", Lang::Vi), "Đợt đầu, chưa có số để so sánh");
        let broken = Err(NoChange::Broken { why: Break::Area });
        assert_eq!(change(&broken, "năm 2017", Lang::Vi), "Không so sánh được: địa bàn đã thay đổi");
        assert_eq!(change_short(&broken, Lang::Vi), "–");
    }

    #[test]
    fn a_change_is_a_sentence_with_its_interval() {
        assert_eq!(
            change(&Ok(d(0.008, -0.004, 0.02)), "năm 2017", Lang::Vi),
            "Chưa đủ căn cứ nói tăng hay giảm so với năm 2017 (+0,8 điểm; từ −0,4 đến +2,0)"
        );
        assert_eq!(
            change(&Ok(d(-0.03, -0.05, -0.01)), "2017", Lang::En),
            "Lower than in 2017 (−3.0 points; from −5.0 to −1.0)"
        );
        assert_eq!(change_short(&Ok(d(0.03, 0.01, 0.05)), Lang::Vi), "tăng");
        assert_eq!([0.0, 0.0001, -0.0001, 0.0006].map(|x| points(x, Lang::Vi)), ["0,0", "0,0", "0,0", "+0,1"]);
    }

    #[test]
    fn a_pair_is_named_by_both() {
        assert_eq!(
            pair(PairVerdict::Higher, "Quận Ninh Kiều", "Quận Cái Răng", Lang::Vi),
            "Quận Ninh Kiều cao hơn Quận Cái Răng"
        );
        assert_eq!(pair(PairVerdict::Equivalent, "A", "B", Lang::Vi), "Tương đương");
        assert_eq!(pair(PairVerdict::NotEnough, "A", "B", Lang::Vi), "Chưa đủ căn cứ nói bên nào cao hơn");
    }

    #[test]
    fn what_is_missing_is_counted() {
        let few = Needed { half_width: 0.05, wanted: 1_200, more: 1_160, own_variance: false };
        assert_eq!(needed(&few, Lang::Vi), "Cần thêm khoảng 1.160 phiếu (tổng 1.200) để sai số còn 5 điểm");
        assert_eq!(needed(&Needed { more: 0, ..few }, Lang::Vi), "Đã đủ phiếu cho sai số 5 điểm");
        let short = Adequacy { population: Some(100), wanted: Some(80), reached: 30, half_width: None, margin: 0.05 };
        assert_eq!(adequacy(&short, Lang::Vi), "thiếu 50");
        assert_eq!(adequacy(&Adequacy { reached: 80, ..short }, Lang::Vi), "đủ");
        assert_eq!(adequacy(&Adequacy { wanted: None, ..short }, Lang::Vi), "chưa có số hồ sơ");
    }

    #[test]
    fn a_target_reads_as_what_is_sure() {
        let line: Target = serde_json::from_value(serde_json::json!({
            "at": 0.8, "label": { "vi": "Mục tiêu 80", "en": "Target 80" }, "basis": "thử",
        }))
        .unwrap();
        assert_eq!(target(&line, Against::Above, Lang::Vi), "Chắc chắn đạt mức 80%");
        assert_eq!(target(&line, Against::Below, Lang::Vi), "Chắc chắn dưới mức 80%");
        assert_eq!(target(&line, Against::Undecided, Lang::Vi), "Chưa đủ căn cứ kết luận về mức 80%");
    }
}

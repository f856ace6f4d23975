//! What the first screen says: in the morning whether one may leave, in the evening whether all is safe. Pure.

use crate::domain::text::Lang;

use super::queue::Counts;

/// Bytes that three days of interviews need, many times over; below it the device says so before it leaves.
pub const SPACE_BYTES: f64 = 20.0 * 1024.0 * 1024.0;
/// A clock that is further off than this is said, in milliseconds (5 minutes): the order of visits would not be right.
pub const CLOCK_MS: i64 = 5 * 60_000;

/// What the device knows of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Device {
    /// People to visit; none where there is no list.
    pub people: Option<usize>,
    /// Of them those whom the device has no name or address of.
    pub nameless: usize,
    /// Whether there is a round that takes answers, by the server's clock; none before the first kit.
    pub round_open: Option<bool>,
    /// Desks at which this device may hold no interview: it has no share of their quota.
    pub desks_without_share: usize,
    /// Version of the questionnaire; none before the first kit.
    pub version: Option<u16>,
    /// Bytes that the browser still grants; none where it does not say.
    pub space: Option<f64>,
    /// Device clock minus server clock at the last contact, in milliseconds; none before it.
    pub clock_off: Option<i64>,
    /// Whether the browser promised not to clear the storage by itself.
    pub lasting: bool,
    /// Whether the app itself is stored on the device.
    pub cached: bool,
}

/// One thing that is needed before leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Whether it is as it should be.
    pub fine: bool,
    /// In words.
    pub words: String,
}

impl Device {
    /// Everything that is needed before leaving, in the order in which it is said.
    pub fn checks(&self, lang: Lang) -> Vec<Check> {
        let say = |vi: &str, en: &str| match lang {
            Lang::Vi => vi.to_owned(),
            Lang::En => en.to_owned(),
        };
        let mut out = Vec::new();
        let mut check = |fine: bool, words: String| out.push(Check { fine, words });
        match self.people {
            Some(0) => check(false, say("chưa có người nào trong danh sách", "nobody on the list yet")),
            Some(people) => check(true, say(&format!("{people} người"), &format!("{people} people"))),
            None => {}
        }
        if self.nameless > 0 {
            let n = self.nameless;
            check(false, say(&format!("thiếu tên, địa chỉ của {n} người"), &format!("{n} without name and address")));
        }
        match self.round_open {
            Some(true) => {}
            Some(false) => check(false, say("đợt khảo sát không nhận phiếu lúc này", "the round takes no answers now")),
            None => check(false, say("chưa có đợt khảo sát", "there is no round yet")),
        }
        if self.desks_without_share > 0 {
            let n = self.desks_without_share;
            let vi = format!("chưa có chỉ tiêu ở {n} quầy: mở quầy, bấm Xin thêm phiếu");
            check(false, say(&vi, &format!("no interviews granted at {n} desks: open the desk and ask for more")));
        }
        match self.version {
            Some(version) => check(true, say(&format!("phiếu bản {version}"), &format!("form version {version}"))),
            None => check(false, say("chưa tải mẫu phiếu", "the form is not loaded yet")),
        }
        if !self.cached {
            check(false, say("ứng dụng chưa lưu xong trên máy", "the app is not stored on the device yet"));
        }
        match self.space {
            Some(space) if space < SPACE_BYTES => {
                check(
                    false,
                    say("bộ nhớ sắp hết, hãy xoá bớt ảnh, ứng dụng", "storage is nearly full, delete photos or apps"),
                );
            }
            _ => check(true, say("bộ nhớ đủ", "enough storage")),
        }
        match self.clock_off {
            None => check(false, say("chưa so được giờ với máy chủ", "the clock has not been compared yet")),
            Some(off) if off.saturating_abs() > CLOCK_MS => check(false, clock_words(off, lang)),
            Some(_) => check(true, say("giờ máy đúng", "clock right")),
        }
        out
    }

    /// Whether all of it is as it should be.
    pub fn is_ready(&self, lang: Lang) -> bool {
        self.checks(lang).iter().all(|check| check.fine)
    }
}

/// "giờ máy nhanh 1 ngày 2 giờ".
fn clock_words(off: i64, lang: Lang) -> String {
    // To the nearest minute: a day less the way of the reply is a day.
    let minutes = (off.saturating_abs().saturating_add(30_000)) / 60_000;
    let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    let part = |n: i64, vi: &str, en: &str| match (n, lang) {
        (0, _) => None,
        (n, Lang::Vi) => Some(format!("{n} {vi}")),
        (1, Lang::En) => Some(format!("1 {en}")),
        (n, Lang::En) => Some(format!("{n} {en}s")),
    };
    let parts = [part(days, "ngày", "day"), part(hours, "giờ", "hour"), part(minutes, "phút", "minute")];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    match (lang, off > 0) {
        (Lang::Vi, true) => format!("giờ máy nhanh {parts}: sửa trong phần cài đặt của máy"),
        (Lang::Vi, false) => format!("giờ máy chậm {parts}: sửa trong phần cài đặt của máy"),
        (Lang::En, true) => format!("the clock is {parts} fast: correct it in the settings of the device"),
        (Lang::En, false) => format!("the clock is {parts} slow: correct it in the settings of the device"),
    }
}

/// Where the forms are: "14 phiếu xong: 9 đã nhận, 5 còn trong máy. Đừng xoá dữ liệu trình duyệt." `doubted`: the server
/// was restored to an earlier state, and has not proved yet which of them it still has.
pub fn evening(counts: Counts, doubted: bool, lang: Lang) -> String {
    let Counts { waiting, kept, held } = counts;
    if doubted && kept > 0 {
        return match lang {
            Lang::Vi => format!(
                "Máy chủ đã khôi phục từ bản sao lưu: đang hỏi lại {kept} phiếu đã gửi. Chưa tắt máy, đừng xoá dữ liệu \
                 trình duyệt."
            ),
            Lang::En => format!(
                "The server was restored from a backup: asking it about {kept} forms that were sent. Do not switch off, do \
                 not clear the browser's data."
            ),
        };
    }
    let (all, here) = (counts.all(), waiting + held);
    match (lang, all, here) {
        (Lang::Vi, 0, _) => "Chưa có phiếu nào trong máy.".to_owned(),
        (Lang::En, 0, _) => "No form on this device yet.".to_owned(),
        (Lang::Vi, 1, 0) => "Phiếu duy nhất đã nhận. Tắt máy được.".to_owned(),
        (Lang::Vi, _, 0) => format!("Cả {all} phiếu đã nhận. Tắt máy được."),
        (Lang::En, 1, 0) => "The one form was received. The device may be switched off.".to_owned(),
        (Lang::En, _, 0) => format!("All {all} forms were received. The device may be switched off."),
        (Lang::Vi, ..) => {
            format!("{all} phiếu xong: {kept} đã nhận, {here} còn trong máy. Đừng xoá dữ liệu trình duyệt.")
        }
        (Lang::En, ..) => {
            format!("{all} finished: {kept} received, {here} still on this device. Do not clear the browser's data.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: Device = Device {
        people: Some(42),
        nameless: 0,
        round_open: Some(true),
        desks_without_share: 0,
        version: Some(3),
        space: Some(1e9),
        clock_off: Some(30_000),
        lasting: true,
        cached: true,
    };

    #[test]
    fn each_thing_that_is_missing_is_said_before_leaving() {
        for (device, words) in [
            (Device { people: Some(0), ..READY }, "chưa có người nào trong danh sách"),
            (Device { nameless: 2, ..READY }, "thiếu tên, địa chỉ của 2 người"),
            (Device { round_open: None, ..READY }, "chưa có đợt khảo sát"),
            (Device { round_open: Some(false), ..READY }, "đợt khảo sát không nhận phiếu lúc này"),
            (Device { desks_without_share: 1, ..READY }, "chưa có chỉ tiêu ở 1 quầy: mở quầy, bấm Xin thêm phiếu"),
            (Device { version: None, ..READY }, "chưa tải mẫu phiếu"),
            (Device { cached: false, ..READY }, "ứng dụng chưa lưu xong trên máy"),
            (Device { space: Some(1e6), ..READY }, "bộ nhớ sắp hết, hãy xoá bớt ảnh, ứng dụng"),
            (Device { clock_off: None, ..READY }, "chưa so được giờ với máy chủ"),
            (
                Device { clock_off: Some(-(26 * 60 + 5) * 60_000 + 200), ..READY },
                "giờ máy chậm 1 ngày 2 giờ 5 phút: sửa trong phần cài đặt của máy",
            ),
        ] {
            let wrong: Vec<String> =
                device.checks(Lang::Vi).into_iter().filter(|check| !check.fine).map(|check| check.words).collect();
            assert_eq!(wrong, [words]);
            assert!(!device.is_ready(Lang::Vi));
        }
    }

    #[test]
    fn ready_is_said_in_one_line() {
        let words: Vec<String> = READY.checks(Lang::Vi).into_iter().map(|check| check.words).collect();
        assert_eq!(words.join(" · "), "42 người · phiếu bản 3 · bộ nhớ đủ · giờ máy đúng");
        assert!(READY.is_ready(Lang::En));
        // A browser that does not say how much room there is, is believed.
        assert!(Device { space: None, people: None, ..READY }.is_ready(Lang::Vi));
    }

    #[test]
    fn the_evening_says_where_the_forms_are() {
        let words = |waiting, kept, held| evening(Counts { waiting, kept, held }, false, Lang::Vi);
        assert_eq!(words(5, 9, 0), "14 phiếu xong: 9 đã nhận, 5 còn trong máy. Đừng xoá dữ liệu trình duyệt.");
        assert_eq!(words(0, 14, 0), "Cả 14 phiếu đã nhận. Tắt máy được.");
        assert_eq!(words(0, 13, 1), "14 phiếu xong: 13 đã nhận, 1 còn trong máy. Đừng xoá dữ liệu trình duyệt.");
        assert_eq!(words(0, 0, 0), "Chưa có phiếu nào trong máy.");
        let doubted = evening(Counts { waiting: 0, kept: 24, held: 0 }, true, Lang::Vi);
        assert!(doubted.contains("đang hỏi lại 24 phiếu") && !doubted.contains("đã nhận"), "{doubted}");
    }
}

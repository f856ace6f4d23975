//! Words that make a comment sensitive, each with the reason, as data: a comment with one of them goes to Sở Nội vụ and
//! the inspectorate only. Doubt counts as yes, since the agency loses one comment of many and a person may lose more.

use std::sync::LazyLock;

use super::Sensitive;
use super::letters::Letters;

/// Words and what they speak of. Written with their marks; a comment may lack some or all of them.
pub const WORDS: &[(&str, Sensitive, &str)] = &[
    ("hối lộ", Sensitive::Corruption, "tội danh: Bộ luật Hình sự, Điều 354, 364"),
    ("tham nhũng", Sensitive::Corruption, "Luật Phòng, chống tham nhũng"),
    ("tham ô", Sensitive::Corruption, "tội danh: Bộ luật Hình sự, Điều 353"),
    ("nhũng nhiễu", Sensitive::Corruption, "hành vi tham nhũng: Luật Phòng, chống tham nhũng, Điều 2"),
    ("vòi vĩnh", Sensitive::Corruption, "cách nói của nhũng nhiễu"),
    ("đút lót", Sensitive::Corruption, "cách nói của đưa hối lộ"),
    ("lót tay", Sensitive::Corruption, "cách nói của đưa hối lộ"),
    ("phong bì", Sensitive::Corruption, "cách nói của tiền ngoài quy định"),
    ("bôi trơn", Sensitive::Corruption, "cách nói của tiền ngoài quy định"),
    ("chung chi", Sensitive::Corruption, "cách nói của tiền ngoài quy định"),
    ("tiền cà phê", Sensitive::Corruption, "cách nói của tiền ngoài quy định"),
    ("tiền trà nước", Sensitive::Corruption, "cách nói của tiền ngoài quy định"),
    ("tiền ngoài", Sensitive::Corruption, "tiền ngoài quy định"),
    ("đòi tiền", Sensitive::Corruption, "đòi tiền khi làm nhiệm vụ"),
    ("vòi tiền", Sensitive::Corruption, "đòi tiền khi làm nhiệm vụ"),
    ("xin tiền", Sensitive::Corruption, "đòi tiền khi làm nhiệm vụ"),
    ("gợi ý tiền", Sensitive::Corruption, "gợi ý tiền khi làm nhiệm vụ"),
    ("gợi ý bồi dưỡng", Sensitive::Corruption, "gợi ý tiền khi làm nhiệm vụ"),
    ("nhận tiền", Sensitive::Corruption, "nhận tiền khi làm nhiệm vụ"),
    ("đưa tiền", Sensitive::Corruption, "đưa tiền khi làm thủ tục"),
    ("ăn tiền", Sensitive::Corruption, "nhận tiền khi làm nhiệm vụ"),
    ("bribe", Sensitive::Corruption, "hối lộ, tiếng Anh"),
    ("bribery", Sensitive::Corruption, "hối lộ, tiếng Anh"),
    ("corrupt", Sensitive::Corruption, "tham nhũng, tiếng Anh"),
    ("corruption", Sensitive::Corruption, "tham nhũng, tiếng Anh"),
    ("sách nhiễu", Sensitive::Harassment, "gây khó khăn, phiền hà để đòi lợi ích"),
    ("hạch sách", Sensitive::Harassment, "cách nói của sách nhiễu"),
    ("gây khó dễ", Sensitive::Harassment, "cách nói của sách nhiễu"),
    ("làm khó dễ", Sensitive::Harassment, "cách nói của sách nhiễu"),
    ("quấy rối", Sensitive::Harassment, "quấy rối tình dục: Bộ luật Lao động, Điều 3"),
    ("sàm sỡ", Sensitive::Harassment, "cách nói của quấy rối tình dục"),
    ("hành hung", Sensitive::Harassment, "bạo lực"),
    ("đe doạ", Sensitive::Harassment, "đe doạ người khiếu nại, tố cáo bị cấm"),
    ("đe dọa", Sensitive::Harassment, "đe doạ, cách đặt dấu kia"),
    ("hăm doạ", Sensitive::Harassment, "đe doạ"),
    ("hăm dọa", Sensitive::Harassment, "đe doạ, cách đặt dấu kia"),
    ("trù dập", Sensitive::Harassment, "trả thù người góp ý"),
    ("xúc phạm", Sensitive::Harassment, "xúc phạm danh dự người dân"),
    ("chửi", Sensitive::Harassment, "xúc phạm danh dự người dân"),
    ("harass", Sensitive::Harassment, "sách nhiễu, tiếng Anh"),
    ("harassed", Sensitive::Harassment, "sách nhiễu, tiếng Anh"),
    ("harassment", Sensitive::Harassment, "sách nhiễu, tiếng Anh"),
    ("threatened", Sensitive::Harassment, "đe doạ, tiếng Anh"),
];

/// The words as letters, in the order of [`WORDS`].
static PHRASES: LazyLock<Vec<(Letters, Sensitive)>> =
    LazyLock::new(|| WORDS.iter().map(|(word, kind, _)| (Letters::of(word), *kind)).collect());

/// What a comment speaks of; the first kind in the list that it has a word of. A comment with letters that the list
/// cannot be compared with is [`Sensitive::Unreadable`]: it goes to those who may read everything.
pub fn sensitive(body: &str) -> Option<Sensitive> {
    let readings = [Letters::of(body), Letters::without_signs(body)];
    let found = PHRASES.iter().find(|(phrase, _)| readings.iter().any(|text| text.have(phrase)));
    found.map(|(_, kind)| *kind).or_else(|| readings[0].foreign.then_some(Sensitive::Unreadable))
}

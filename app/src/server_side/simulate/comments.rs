//! What people write under "Ý kiến khác": invented, in the words people use, and without anything that points to a person.

use super::chance::Chance;
use crate::domain::text::Lang;

const PLEASED: &[&str] = &[
    "Cán bộ hướng dẫn nhiệt tình, dễ hiểu. Cảm ơn cơ quan.",
    "Nhận kết quả sớm hơn hẹn 2 ngày, tôi rất hài lòng.",
    "Anh chị ở bộ phận một cửa vui vẻ, nói năng nhẹ nhàng.",
    "Làm giấy tờ nhanh gọn hơn mấy năm trước nhiều.",
    "Tôi lớn tuổi, cán bộ viết giùm tờ khai và giải thích từng mục. Cảm ơn.",
    "Phòng chờ sạch sẽ, có nước uống, có quạt.",
    "Đúng hẹn, đúng lệ phí, không phải đi lại nhiều lần.",
    "Cán bộ gọi điện báo khi có kết quả nên khỏi chạy tới chạy lui.",
    "Thủ tục niêm yết rõ ràng, dễ tìm.",
    "Tinh thần phục vụ tốt, mong cơ quan tiếp tục phát huy.",
    "Nộp hồ sơ buổi sáng, chiều có kết quả luôn.",
    "Hài lòng, không có ý kiến gì thêm.",
    "Rất tốt.",
    "Công chức lịch sự, giải thích cặn kẽ vì sao phải bổ sung giấy tờ.",
    "Bốc số thứ tự nên ai tới trước làm trước, công bằng.",
    "Hồ sơ phức tạp nhưng được hướng dẫn một lần là làm được.",
];

const SUGGESTIONS: &[&str] = &[
    "Đề nghị bố trí thêm ghế ngồi chờ, buổi sáng thứ hai rất đông.",
    "Nên có mẫu tờ khai điền sẵn để bà con xem mà viết theo.",
    "Đề nghị nhắn tin báo khi hồ sơ xong.",
    "Nên làm việc thêm sáng thứ bảy cho người đi làm công ty.",
    "Mong có chỗ để xe cho người dân, hiện giờ phải gửi bên ngoài.",
    "Cần thêm bảng hướng dẫn chữ lớn cho người lớn tuổi.",
    "Trang web nộp hồ sơ qua mạng khó dùng, nên làm đơn giản hơn.",
    "Đề nghị giảm bớt giấy tờ photo công chứng.",
    "Nên có người trực hướng dẫn ở cửa ra vào.",
    "Đề nghị niêm yết mức lệ phí ở chỗ dễ thấy.",
    "Máy bốc số hay hư, mong sửa sớm.",
    "Phòng chờ nóng, đề nghị gắn thêm quạt.",
    "Nên cho trả kết quả qua bưu điện, nhà tôi ở xa.",
    "Cần thêm máy photocopy tại chỗ.",
    "Mong rút ngắn thời gian giải quyết hồ sơ đất đai.",
    "Giờ nghỉ trưa nên có người trực nhận hồ sơ.",
    "Đề nghị liên thông với thuế để dân khỏi đi hai nơi.",
    "Nên ghi rõ số điện thoại của bộ phận một cửa trên giấy hẹn.",
];

const DISPLEASED: &[&str] = &[
    "Trễ hẹn một tuần mà không ai báo, tôi phải lên hỏi mới biết.",
    "Đi lại bốn lần vì mỗi lần yêu cầu bổ sung một thứ giấy khác nhau.",
    "Chờ gần hai tiếng mới tới lượt.",
    "Cán bộ trả lời cộc lốc, hỏi thêm thì nói tự đọc bảng.",
    "Giấy hẹn ghi 15 ngày nhưng hơn một tháng mới có.",
    "Hướng dẫn không rõ, người này nói một kiểu, người kia nói một kiểu.",
    "Giờ làm việc mà không có người ở quầy.",
    "Ghế chờ hư, phải đứng.",
    "Kết quả ghi sai tên đường, phải làm lại.",
    "Gọi điện hỏi hồ sơ nhiều lần không ai bắt máy.",
    "Nộp qua mạng rồi vẫn bắt mang bản giấy tới.",
    "Thủ tục còn rườm rà, mất thời gian của dân.",
    "Có người quen thì được làm trước, chưa công bằng.",
    "Thông tin niêm yết đã cũ, khác với lúc nộp.",
    "Không được giải thích vì sao hồ sơ bị trả lại.",
    "Bãi xe chật, nhà vệ sinh chưa sạch.",
];

const IN_ENGLISH: &[&str] = &[
    "The officer was helpful, but the forms are only in Vietnamese.",
    "Quick and polite service, thank you.",
    "Please publish the list of required documents in English.",
    "I had to come three times for one paper.",
    "Clear signs and a short wait.",
];

/// A comment of someone whose opinion of the whole is `overall` (0 between "Bình thường" and "Hài lòng").
pub(super) fn comment(overall: f64, lang: Lang, chance: &mut Chance) -> Option<String> {
    let list = match lang {
        Lang::En => IN_ENGLISH,
        Lang::Vi if overall < 0.0 => DISPLEASED,
        Lang::Vi if overall < 1.0 || chance.happens(0.3) => SUGGESTIONS,
        Lang::Vi => PLEASED,
    };
    list.get(chance.below(list.len() as u32) as usize).map(|text| (*text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answer::clean_comment;

    #[test]
    fn every_comment_is_as_the_store_keeps_it_and_names_no_number() {
        for text in [PLEASED, SUGGESTIONS, DISPLEASED, IN_ENGLISH].concat() {
            assert_eq!(clean_comment(text), Ok(Some(text.to_owned())));
            assert!(text.chars().filter(char::is_ascii_digit).count() < 4, "{text}");
        }
    }
}

//! How people answer the questions beside the criteria: rough shares for the questions we know by code, everything alike
//! for others. National figures of 2020 for what goes wrong: 5 % came four times or more, 1.23 % were troubled, 0.59 %
//! were asked for money, 4 % got their result late.

/// What is usual for one question.
pub(super) struct Habit {
    /// Code of the question.
    pub(super) question: &'static str,
    /// An option that stands for something going wrong, and how often it does; seldom where people are pleased.
    pub(super) mishap: Option<(&'static str, f64)>,
    /// Weights of the options; 1 where an option is not named.
    pub(super) weights: &'static [(&'static str, u32)],
}

const fn habit(question: &'static str, weights: &'static [(&'static str, u32)]) -> Habit {
    Habit { question, mishap: None, weights }
}

const fn mishap(
    question: &'static str,
    option: &'static str,
    share: f64,
    others: &'static [(&'static str, u32)],
) -> Habit {
    Habit { question, mishap: Some((option, share)), weights: others }
}

/// All habits.
pub(super) const HABITS: &[Habit] = &[
    habit("hom-nay", &[("ket-qua", 56), ("nop-ho-so", 30), ("hoi-thong-tin", 9), ("viec-khac", 5)]),
    habit("da-gop-y", &[("co", 12), ("khong", 88)]),
    habit("biet-qua", &[("nguoi-than", 34), ("chinh-quyen", 38), ("bao-dai", 12), ("internet", 22), ("khac", 4)]),
    mishap("di-lai", "4-lan", 0.05, &[("1-lan", 22), ("2-lan", 62), ("3-lan", 16)]),
    mishap("phien-ha", "co", 0.012_3, &[]),
    mishap("nop-them-tien", "co", 0.005_9, &[]),
    mishap("hen-tra", "tre-hen", 0.04, &[("dung-hen", 78), ("som-hen", 22)]),
    habit("thu-xin-loi", &[("co", 45), ("khong", 55)]),
    habit(
        "mong-doi",
        &[
            ("thong-tin", 30),
            ("cong-khai", 22),
            ("co-so", 26),
            ("don-gian", 58),
            ("thoi-gian", 62),
            ("le-phi", 34),
            ("thai-do", 28),
            ("nang-luc", 24),
            ("truc-tuyen", 40),
            ("gop-y", 14),
            ("khac", 2),
        ],
    ),
    habit("gioi-tinh", &[("nam", 54), ("nu", 46)]),
    habit("do-tuoi", &[("18-24", 9), ("25-34", 26), ("35-49", 37), ("50-60", 19), ("tren-60", 9)]),
    habit("trinh-do", &[("tieu-hoc", 13), ("thcs", 24), ("thpt", 31), ("nghe", 12), ("dai-hoc", 18), ("khac", 2)]),
    habit(
        "nghe-nghiep",
        &[
            ("nghi-huu", 7),
            ("o-nha", 14),
            ("tu-do", 36),
            ("sinh-vien", 5),
            ("khu-vuc-tu", 20),
            ("khu-vuc-cong", 13),
            ("khac", 5),
        ],
    ),
];

//! Error rates of clerks: of one batch, and of a round over all its batches, where they rest on enough.

use leptos::prelude::*;

use crate::components::number::{count, percent, say};
use crate::components::tables::Scroll;
use crate::domain::paper::ClerkRate;
use crate::domain::text::Lang;

/// What the tables say.
pub(super) fn title(lang: Lang) -> &'static str {
    say(lang, "Tỉ lệ nhập sai theo người nhập", "Error rate of each clerk")
}

/// The rates of a round.
#[derive(Clone, Debug)]
pub struct RoundRates {
    /// Code of the round.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How well the clerks key, over all batches.
    pub rates: Vec<ClerkRate>,
}

/// A section for each round that has any.
pub(super) fn of_rounds(rounds: &[RoundRates], lang: Lang) -> AnyView {
    let rounds = rounds.iter().filter(|round| !round.rates.is_empty()).map(|round| {
        let id = format!("ti-le-{}", round.code);
        view! {
            <section aria-labelledby=id.clone()>
                <h2 id=id.clone()>{format!("{} · {}", title(lang), round.name)}</h2>
                {rates(&round.rates, lang)}
                <p class="secondary">
                    {say(
                        lang,
                        "Tính trên các phiếu đã nhập hai lần và đã chốt của mọi tập trong đợt; cách tính ghi ở từng tập.",
                        "From the forms keyed twice and settled, of all batches of the round; each batch says how.",
                    )}
                </p>
            </section>
        }
    });
    rounds.collect_view().into_any()
}

/// A table of rates.
pub(super) fn rates(rates: &[ClerkRate], lang: Lang) -> AnyView {
    if rates.is_empty() {
        return view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có số liệu: tỉ lệ được tính từ các phiếu đã nhập hai lần và đã chốt.",
                        "No figures yet: rates come from forms that were keyed twice and settled.",
                    )}
                </p>
            </div>
        }
        .into_any();
    }
    let row = |rate: &ClerkRate| {
        view! {
            <tr>
                <th scope="row">{rate.clerk.clone()}</th>
                <td class="num">{count(rate.forms.into(), lang)}</td>
                <td class="num">{count(rate.fields.into(), lang)}</td>
                <td class="num">{count(rate.wrong.into(), lang)}</td>
                <td class="num">{percent(f64::from(rate.wrong) / f64::from(rate.fields.max(1)), lang)}</td>
            </tr>
        }
    };
    let rows: Vec<_> = rates.iter().map(row).collect();
    view! {
        <Scroll label=title(lang)>
            <table class="plain plain--narrow">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Người nhập", "Clerk")}</th>
                        <th scope="col" class="num">
                            {say(lang, "Phiếu", "Forms")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Ô đã nhập", "Fields")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Ô sai", "Wrong")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Tỉ lệ", "Rate")}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

//! An attacker's tool for the tests: whole numbers within bounds that satisfy equations, by narrowing bounds and trying.
//! It knows nothing of how the tables were made.

/// Sums with coefficients: Σ coefficient·unknown = value.
#[derive(Clone, Debug, Default)]
pub(super) struct System {
    low: Vec<i64>,
    high: Vec<i64>,
    equations: Vec<(Vec<(usize, i64)>, i64)>,
}

impl System {
    /// A new unknown within bounds.
    pub(super) fn unknown(&mut self, low: i64, high: i64) -> usize {
        self.low.push(low);
        self.high.push(high);
        self.low.len() - 1
    }

    /// Narrows an unknown.
    pub(super) fn within(&mut self, unknown: usize, low: i64, high: i64) {
        self.low[unknown] = self.low[unknown].max(low);
        self.high[unknown] = self.high[unknown].min(high);
    }

    /// Σ terms = value.
    pub(super) fn equals(&mut self, terms: Vec<(usize, i64)>, value: i64) {
        self.equations.push((terms, value));
    }

    /// Σ unknowns = value.
    pub(super) fn sum(&mut self, unknowns: impl IntoIterator<Item = usize>, value: i64) {
        self.equals(unknowns.into_iter().map(|u| (u, 1)).collect(), value);
    }

    /// Whether there is a solution, with `hint` (the truth) as the first guess. None when the search was given up.
    pub(super) fn has_solution(&self, hint: &[i64]) -> Option<bool> {
        let mut tries = 100_000;
        search(self, self.low.clone(), self.high.clone(), hint, &mut tries)
    }

    /// Narrows the bounds as far as single equations do; false when nothing is left.
    fn narrow(&self, low: &mut [i64], high: &mut [i64]) -> bool {
        loop {
            let mut changed = false;
            for (terms, value) in &self.equations {
                let least: i64 = terms.iter().map(|(u, k)| if *k > 0 { k * low[*u] } else { k * high[*u] }).sum();
                let most: i64 = terms.iter().map(|(u, k)| if *k > 0 { k * high[*u] } else { k * low[*u] }).sum();
                if least > *value || most < *value {
                    return false;
                }
                for (u, k) in terms {
                    let (own_least, own_most) = if *k > 0 { (low[*u], high[*u]) } else { (-high[*u], -low[*u]) };
                    // Coefficients are 1 and −1.
                    let (new_least, new_most) =
                        (own_least.max(value - (most - own_most)), own_most.min(value - (least - own_least)));
                    if new_least > new_most {
                        return false;
                    }
                    if (new_least, new_most) != (own_least, own_most) {
                        (low[*u], high[*u]) = if *k > 0 { (new_least, new_most) } else { (-new_most, -new_least) };
                        changed = true;
                        // Sums of this equation are stale now; the next turn takes them anew.
                        break;
                    }
                }
            }
            if !changed {
                return true;
            }
        }
    }
}

fn search(system: &System, mut low: Vec<i64>, mut high: Vec<i64>, hint: &[i64], tries: &mut u32) -> Option<bool> {
    if *tries == 0 {
        return None;
    }
    *tries -= 1;
    if !system.narrow(&mut low, &mut high) {
        return Some(false);
    }
    let open = (0..low.len()).filter(|u| low[*u] < high[*u]).min_by_key(|u| high[*u] - low[*u]);
    let Some(unknown) = open else { return Some(true) };
    let guess = hint.get(unknown).copied().unwrap_or(low[unknown]);
    let mut values: Vec<i64> = (low[unknown]..=high[unknown]).collect();
    values.sort_by_key(|v| (v - guess).abs());
    for value in values {
        let (mut low, mut high) = (low.clone(), high.clone());
        (low[unknown], high[unknown]) = (value, value);
        match search(system, low, high, hint, tries) {
            Some(false) => {}
            answer => return answer,
        }
    }
    Some(false)
}

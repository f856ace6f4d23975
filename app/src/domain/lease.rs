//! Shares of a quota: each device spends its own, so that teams that cannot hear each other never overrun it.
//!
//! The invariant: over all devices of a post, what is granted adds up to its target at most. Pure; that two requests do
//! not read the same rest is for the store.

use super::field_work::Lease;

/// What a device holds after asking for `want` interviews in all, or giving back down to it.
///
/// `others` is what the other devices of the post hold together. It gets what is left, and keeps what it has used.
pub fn grant(target: u32, others: u32, held: Lease, want: u32) -> Lease {
    let left = target.saturating_sub(others);
    // What was used cannot be given back; more than it was granted it never had.
    let granted = want.max(held.used.min(held.granted)).min(left.max(held.granted.min(held.used)));
    Lease { granted, used: held.used }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NONE: Lease = Lease { granted: 0, used: 0 };

    #[test]
    fn two_tablets_share_thirty_and_the_second_gets_what_is_left() {
        let first = grant(30, 0, NONE, 20);
        assert_eq!(first.granted, 20);
        let second = grant(30, first.granted, NONE, 20);
        assert_eq!(second.granted, 10);
        // The first gives back what it does not need, and the second may have it.
        let first = grant(30, second.granted, Lease { used: 12, ..first }, 12);
        assert_eq!(grant(30, first.granted, second, 30).granted, 18);
    }

    #[test]
    fn what_was_used_is_not_given_back() {
        assert_eq!(grant(30, 0, Lease { granted: 20, used: 12 }, 0).granted, 12);
    }

    #[test]
    fn a_target_that_was_lowered_takes_nothing_that_was_used() {
        assert_eq!(grant(5, 0, Lease { granted: 20, used: 12 }, 30), Lease { granted: 12, used: 12 });
    }

    proptest! {
        #[test]
        fn whatever_is_asked_used_and_given_back_the_quota_holds(
            target in 0_u32..60,
            acts in prop::collection::vec((0_usize..4, 0_u32..80, any::<bool>()), 0..80),
        ) {
            let mut leases = [NONE; 4];
            for (device, want, use_one) in acts {
                let others = leases.iter().enumerate().filter(|(i, _)| *i != device).map(|(_, l)| l.granted).sum();
                leases[device] = if use_one && leases[device].used < leases[device].granted {
                    Lease { used: leases[device].used + 1, ..leases[device] }
                } else {
                    grant(target, others, leases[device], want)
                };
                prop_assert!(leases.iter().map(|l| l.granted).sum::<u32>() <= target);
                prop_assert!(leases.iter().all(|l| l.used <= l.granted));
            }
        }
    }
}

//! Contact data on the device: what a kit adds, and what an order with the server's proof takes away. Nothing else does,
//! so neither a server that lost its key or an assignment nor a stranger on the way erases a name. Pure.

use std::collections::HashMap;

use super::seal::{KEY_BYTES, proves};
use crate::domain::field_work::{Contact, Erase};

/// Contact data by unit.
pub type Contacts = HashMap<String, Contact>;

/// The contact data after a kit that brought `new`: `old` stays where the kit has none. `ask` is the word of the request.
pub fn after(
    mut old: Contacts,
    new: Contacts,
    order: Option<&Erase>,
    (device, key, ask): (i32, &[u8; KEY_BYTES], &str),
) -> Contacts {
    let is_proven = |order: &&Erase| proves(key, &Erase::message(device, ask, order.units.as_deref()), &order.proof);
    match order.filter(is_proven) {
        Some(Erase { units: None, .. }) => return Contacts::new(),
        Some(Erase { units: Some(units), .. }) => units.iter().for_each(|unit| drop(old.remove(unit))),
        None => {}
    }
    old.extend(new);
    old
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::seal::proof;

    const KEY: [u8; 32] = [5; 32];

    fn of(units: &[&str]) -> Contacts {
        units
            .iter()
            .map(|unit| ((*unit).to_owned(), Contact { name: format!("Bà {unit}"), ..Contact::default() }))
            .collect()
    }

    fn order(units: Option<&[&str]>, device: i32, ask: &str) -> Erase {
        let units = units.map(|units| units.iter().map(|unit| (*unit).to_owned()).collect::<Vec<_>>());
        let proof = proof(&KEY, &Erase::message(device, ask, units.as_deref()));
        Erase { units, proof }
    }

    #[test]
    fn a_kit_without_names_erases_none_and_one_with_names_renews_them() {
        assert_eq!(after(of(&["a", "b"]), of(&[]), None, (7, &KEY, "q")), of(&["a", "b"]));
        let moved = Contact { name: "Bà b".to_owned(), address: "ấp 2".to_owned(), ..Contact::default() };
        let new = Contacts::from([("b".to_owned(), moved.clone())]);
        assert_eq!(after(of(&["a", "b"]), new, None, (7, &KEY, "q"))["b"], moved);
    }

    #[test]
    fn only_an_order_for_this_device_and_this_request_erases() {
        let here = (7, &KEY, "q");
        assert_eq!(after(of(&["a", "b"]), of(&[]), Some(&order(None, 7, "q")), here), of(&[]));
        assert_eq!(after(of(&["a", "b"]), of(&[]), Some(&order(Some(&["a"]), 7, "q")), here), of(&["b"]));
        let forged = Erase { units: None, proof: "0".repeat(64) };
        let widened = Erase { units: None, ..order(Some(&["a"]), 7, "q") };
        for order in [order(None, 8, "q"), order(None, 7, "another request"), forged, widened] {
            assert_eq!(after(of(&["a", "b"]), of(&[]), Some(&order), here), of(&["a", "b"]), "{order:?}");
        }
    }
}

//! The answers of many responses as one file, taken over HTTP by somebody of Sở Nội vụ: how long, and how much memory.

use crate::load::now;
use crate::server::Site;
use app::domain::role::Role;
use app::domain::staff_log::Who;
use app::server_side::clock::Clock;
use app::server_side::token;
use app::store::{NewAccount, Store};
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A file that was read to its end.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
    pub(crate) elapsed: Duration,
}

/// The token of a session of a new administrator. Signing in by hand would measure argon2.
pub(crate) async fn session(site: &Site) -> Result<String, Box<dyn Error>> {
    let store = Store::open(site.database(), Clock::System).await?;
    let new =
        NewAccount { login: "bench", name: "bench", role: Role::Admin, agency: None, password_hash: "nobody signs in" };
    let id = store.add_account(&Who::command("bench"), &new).await?;
    let who = Who { account: Some(id), name: "bench".to_owned() };
    store.change_password(&who, id, "nobody signs in", 0).await?;
    store.set_second_factor(&who, id, b"no secret", 0).await?;
    let token = token::new()?;
    store.begin_session(id, token::hash(&token), true, "bench", None).await?;
    Ok(token)
}

/// Takes a file along. HTTP/1.0, so that the body comes without marks between its pieces and ends with the connection.
pub(crate) fn take(site: &Site, path: &str, token: &str) -> Result<Taken, Box<dyn Error>> {
    let start = now();
    let mut stream = TcpStream::connect(&site.address)?;
    let request = format!("GET {path} HTTP/1.0\r\nhost: 127.0.0.1\r\ncookie: hailong-staff={token}\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut piece = vec![0; 256 << 10];
    let (mut head, mut rows, mut bytes) = (Vec::new(), 0_usize, 0_usize);
    let mut in_body = false;
    loop {
        let n = stream.read(&mut piece)?;
        let Some(read) = piece.get(..n).filter(|read| !read.is_empty()) else { break };
        let body = if in_body {
            read
        } else {
            head.extend_from_slice(read);
            let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            if !head.starts_with(b"HTTP/1.0 200") && !head.starts_with(b"HTTP/1.1 200") {
                return Err(format!("{path}: {}", String::from_utf8_lossy(&head)).into());
            }
            in_body = true;
            head.get(at + 4..).unwrap_or_default()
        };
        rows += body.split(|byte| *byte == b'\n').count() - 1;
        bytes += body.len();
    }
    Ok(Taken { rows: rows.saturating_sub(1), bytes, elapsed: start.elapsed() })
}

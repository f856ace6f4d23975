//! As much of HTTP/1.1 as a load generator needs: one kept connection, answers with a known length. Every cycle spent
//! here is taken from the server that is measured, since both share the machine.

use std::io;
use tokio::net::TcpStream;

/// A kept connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10) })
    }

    /// Sends one request and reads the whole answer: its status, and its length without the head.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, usize)> {
        let mut sent = 0;
        while sent < request.len() {
            self.stream.writable().await?;
            match self.stream.try_write(&request[sent..]) {
                Ok(more) => sent += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        self.buffer.clear();
        let (head, length) = loop {
            self.read().await?;
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break (at + 4, body_length(&self.buffer[..at])?);
            }
        };
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        let status = self.buffer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        Ok((status.ok_or_else(unreadable)?, length))
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        let head = self.buffer.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
        self.buffer.get(head..).unwrap_or_default()
    }

    async fn read(&mut self) -> io::Result<()> {
        loop {
            self.stream.readable().await?;
            match self.stream.try_read_buf(&mut self.buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an answer that this tool cannot read")
}

fn body_length(head: &[u8]) -> io::Result<usize> {
    let head = std::str::from_utf8(head).map_err(|_| unreadable())?;
    for line in head.split("\r\n").skip(1) {
        let (name, value) = line.split_once(':').ok_or_else(unreadable)?;
        if name.eq_ignore_ascii_case("content-length") {
            return value.trim().parse().map_err(|_| unreadable());
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(unreadable());
        }
    }
    Ok(0)
}

/// A request with these header lines (each ending in `\r\n`) and this body.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}{length}\r\n{body}").into_bytes()
}

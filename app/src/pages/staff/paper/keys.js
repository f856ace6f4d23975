// The entry screen by single keys. What is typed is kept in this browser after every key, a finished form until the
// server has it: a lost network loses nothing, and the same form sent twice is the same success.
"use strict";
(() => {
  const page = document.getElementById("nhap-phieu");
  if (!page) return;
  const form = page.querySelector("form");
  const code = document.getElementById("ma");
  const day = document.getElementById("ngay");
  const comment = document.getElementById("comment");
  const told = document.getElementById("bao");
  const refusedBox = document.getElementById("khong-nhan");
  const fields = [...form.querySelectorAll("[data-shape]")];
  const english = document.documentElement.lang === "en";
  const say = (vi, en) => (english ? en : vi);
  const place = `${page.dataset.clerk}/${page.dataset.batch}/${page.dataset.pass}`;
  const DRAFT = `hailong-phieu/${place}`;
  const QUEUE = `hailong-phieu-cho/${place}`;
  const REFUSED = `hailong-phieu-khong-nhan/${place}`;
  const read = (key, empty) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? empty;
    } catch {
      return empty;
    }
  };
  const write = (key, value) => {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      say_out(say("Bộ nhớ trình duyệt đã đầy: gửi các phiếu đang chờ trước khi nhập tiếp.", "The browser’s storage is full: send what waits before going on."));
      return false;
    }
  };
  const say_out = (words) => {
    told.textContent = words;
  };

  // The check letter, as the server computes it (domain/paper/code.rs).
  const LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
  const plain = (typed) => typed.toUpperCase().replace(/[^0-9A-Z]/g, "");
  const isCode = (letters) => {
    if (letters.length !== 8) return false;
    let sum = 0;
    for (let at = 0; at < 8; at += 1) {
      const value = LETTERS.indexOf(letters[at]);
      if (value < 0) return false;
      sum += value * (at % 2 ? 13 : 11);
    }
    return sum % LETTERS.length === 0;
  };

  const draft = () => ({
    code: code.value,
    day: day.value,
    values: Object.fromEntries(fields.map((field) => [field.name, field.value])),
    comment: comment.value,
    at: document.activeElement?.name ?? "",
  });
  const keep = () => write(DRAFT, draft());
  const show = (kept) => {
    code.value = kept.code;
    if (kept.day) day.value = kept.day;
    for (const field of fields) field.value = kept.values[field.name] ?? "";
    comment.value = kept.comment;
    const at = [code, day, comment, ...fields].find((field) => field.name === kept.at);
    (at ?? code).focus();
  };
  const clear = () => {
    code.value = "";
    for (const field of fields) field.value = "";
    comment.value = "";
    localStorage.removeItem(DRAFT);
    code.focus();
  };

  const go = (field) => {
    field.focus();
    field.select?.();
    field.scrollIntoView({ block: "center" });
    keep();
  };
  const on = (field) => go(fields[fields.indexOf(field) + 1] ?? comment);
  const back = (field) => {
    const at = field === comment ? fields.length : fields.indexOf(field);
    go(at > 0 ? fields[at - 1] : code);
  };
  const put = (field, value) => {
    field.value = value;
    on(field);
  };

  const check = async () => {
    const letters = plain(code.value);
    if (!isCode(letters)) {
      code.select();
      return say_out(say("Mã phiếu không đúng. Xin gõ hoặc quét lại.", "This is no code of a form. Type or scan it again."));
    }
    const waits = read(QUEUE, []).some((sent) => sent.code === letters);
    const next = () => go(day.value ? (fields[0] ?? comment) : day);
    if (waits) {
      code.select();
      return say_out(say("Phiếu này vừa nhập, đang chờ gửi.", "This form was just keyed and waits to be sent."));
    }
    try {
      const address = `${location.pathname}/ma/${letters}?lan=${page.dataset.pass}${english ? "&lang=en" : ""}`;
      const answer = await fetch(address, { headers: { accept: "application/json" } });
      if (plain(code.value) !== letters) return undefined;
      if (isJson(answer)) {
        const { good, words } = await answer.json();
        say_out(words);
        if (!good) return code.select();
      }
    } catch {
      say_out(say("Mất mạng: vẫn nhập được, phiếu chờ trong máy này.", "No network: go on, forms wait in this browser."));
    }
    return next();
  };
  const isJson = (answer) => (answer.headers.get("content-type") ?? "").startsWith("application/json");

  form.addEventListener("keydown", (event) => {
    const field = event.target;
    const { key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const done = () => event.preventDefault();
    if (field === code || field === day) {
      if (key !== "Enter") return;
      done();
      if (field === code) check();
      else if (day.value) go(fields[0] ?? comment);
      return;
    }
    if (field === comment) {
      if (key === "Enter" && !event.shiftKey) {
        done();
        send();
      } else if (key === "ArrowLeft" && comment.value === "") {
        done();
        back(comment);
      }
      return;
    }
    const shape = field.dataset?.shape;
    if (!shape) return;
    const small = key.toLowerCase();
    if (key === "ArrowLeft") return done(), back(field);
    if (key === "Enter") return done(), on(field);
    if (key === " ") return done(), put(field, "");
    if (small === "x" || small === "m") return done(), put(field, small);
    if (shape === "one") {
      if (key.length !== 1) return;
      done();
      if ([...field.options].some((option) => option.value === small)) put(field, small);
    } else if (shape === "several" && key.length === 1) {
      done();
      const keys = field.dataset.keys;
      if (!keys.includes(small)) return;
      const chosen = field.value.includes(small) ? field.value.replace(small, "") : field.value + small;
      field.value = [...chosen].filter((each) => keys.includes(each)).sort((a, b) => keys.indexOf(a) - keys.indexOf(b)).join("");
      keep();
    } else if (shape === "number" && key.length === 1 && (key < "0" || key > "9")) {
      done();
    }
  });
  form.addEventListener("input", keep);

  const send = () => {
    const letters = plain(code.value);
    if (!isCode(letters)) return code.focus(), say_out(say("Xin nhập mã phiếu trước.", "The code of the form comes first."));
    if (!day.value) return day.focus(), say_out(say("Xin ghi ngày trả lời.", "Give the date on the form."));
    const body = new URLSearchParams(new FormData(form)).toString();
    const waiting = read(QUEUE, []).filter((sent) => sent.code !== letters);
    if (!write(QUEUE, [...waiting, { code: letters, body, kept: draft() }])) return undefined;
    clear();
    return flush();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });

  let sending = false;
  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (let next = read(QUEUE, [])[0]; next; next = read(QUEUE, [])[0]) {
        const answer = await fetch(form.action, {
          method: "POST",
          headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
          body: next.body,
        });
        if (!isJson(answer) || answer.status >= 500) {
          const gone = answer.redirected || answer.status === 403;
          throw new Error(gone ? say("Phiên đăng nhập đã hết: xin đăng nhập lại.", "The session is over: sign in again.") : "");
        }
        const { good, words, open } = await answer.json();
        write(QUEUE, read(QUEUE, []).filter((sent) => sent.code !== next.code));
        if (good) {
          say_out(words);
          if (open) document.getElementById("con-lai").textContent = open;
        } else {
          write(REFUSED, [...read(REFUSED, []).filter((sent) => sent.code !== next.code), { ...next, words }]);
          refused();
        }
      }
    } catch (error) {
      const n = read(QUEUE, []).length;
      const why = error instanceof TypeError ? "" : error.message;
      say_out(`${say(`${n} phiếu chưa gửi, còn trong máy này. Đừng xoá dữ liệu trình duyệt.`, `${n} forms not sent, kept in this browser.`)} ${why}`);
    } finally {
      sending = false;
    }
  };
  const refused = () => {
    refusedBox.replaceChildren();
    for (const sent of read(REFUSED, [])) {
      const line = document.createElement("p");
      line.className = "error";
      line.append(`${sent.code}: ${sent.words} `);
      const forget = () => {
        write(REFUSED, read(REFUSED, []).filter((other) => other.code !== sent.code));
        refused();
      };
      const button = (words, act) => {
        const made = document.createElement("button");
        made.type = "button";
        made.className = "linklike";
        made.textContent = words;
        made.addEventListener("click", act);
        line.append(made, " ");
      };
      button(say("Mở lại", "Open again"), () => {
        forget();
        show(sent.kept);
        keep();
      });
      button(say("Bỏ", "Dismiss"), forget);
      refusedBox.append(line);
    }
  };

  addEventListener("online", flush);
  setInterval(() => read(QUEUE, []).length > 0 && flush(), 10_000);
  const kept = read(DRAFT, null);
  if (kept) show(kept);
  refused();
  flush();
})();

// Keying paper forms by single keys. What is typed is kept in this browser after every key, a finished form until the
// server has it: a lost network, a reload or a killed browser loses nothing, and one form sent twice is kept once. The
// list of batches runs this too, to send what waits. Kept are answers under a form's code; no name stands on a form.
"use strict";
(async () => {
  const page = document.getElementById("nhap-phieu") ?? document.getElementById("phieu-cho");
  if (!page) return;
  const { clerk, batch, pass } = page.dataset;
  const told = document.getElementById("bao");
  const english = document.documentElement.lang === "en";
  const say = (vi, en) => (english ? en : vi);
  const tell = (words) => {
    told.textContent = words;
  };

  // What is kept: keys and values in one IndexedDB store; in memory where the browser has none.
  const opened = await new Promise((done) => {
    try {
      const asked = indexedDB.open("hailong-phieu", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("giu");
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done(null);
    } catch {
      done(null);
    }
  });
  const memory = new Map();
  const within = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  /** Puts and deletes (null) in one transaction; `strict` waits for the disk. */
  const write = (pairs, durability = "relaxed") =>
    new Promise((done, failed) => {
      if (!opened) {
        for (const [key, value] of pairs) value === null ? memory.delete(key) : memory.set(key, value);
        return done();
      }
      const work = opened.transaction("giu", "readwrite", { durability });
      work.oncomplete = () => done();
      work.onabort = () => failed(work.error);
      const store = work.objectStore("giu");
      for (const [key, value] of pairs) value === null ? store.delete(key) : store.put(value, key);
      return undefined;
    });
  const ask = (how) =>
    new Promise((done, failed) => {
      const asked = how(opened.transaction("giu").objectStore("giu"));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  const all = async (prefix) => {
    if (!opened) return [...memory].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
    return ask((store) => store.getAll(within(prefix)));
  };
  const keysOf = async () => (opened ? ask((store) => store.getAllKeys()) : [...memory.keys()]);
  const full = () => tell(say("Bộ nhớ trình duyệt đã đầy: xin gửi các phiếu đang chờ trước khi nhập tiếp.", "The browser’s storage is full: send what waits before going on."));

  const WAITING = `${clerk}/cho/`;
  const REFUSED = `${clerk}/khong-nhan/`;
  const DRAFT = `${clerk}/dang-nhap/${batch}/${pass}`;
  const waiting = async () => (await all(WAITING)).sort((a, b) => a.at - b.at);
  const name = (sent) => `${sent.code}/${sent.pass}`;
  const isJson = (answer) => (answer.headers.get("content-type") ?? "").startsWith("application/json");

  // Sending: one after the other, in the order in which they were keyed.
  let sending = false;
  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (let [next] = await waiting(); next; [next] = await waiting()) {
        const answer = await fetch(next.action, {
          method: "POST",
          headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
          body: next.body,
        });
        if (!isJson(answer) || answer.status >= 500) {
          const gone = answer.redirected || answer.status === 401 || answer.status === 403;
          throw new Error(gone ? say("Phiên đăng nhập đã hết: xin đăng nhập lại.", "The session is over: sign in again.") : "");
        }
        const { good, words, open } = await answer.json();
        // Opened again meanwhile, and kept anew: that one waits.
        const [now] = (await waiting()).filter((sent) => name(sent) === name(next) && sent.at === next.at);
        if (now) await write([[WAITING + name(next), null], ...(good ? [] : [[REFUSED + name(next), { ...next, words }]])], "strict");
        if (good) {
          tell(words);
          const left = document.getElementById("con-lai");
          if (open && left && next.batch === batch && next.pass === pass) left.textContent = open;
        } else {
          await refused();
        }
      }
    } catch (error) {
      const n = (await waiting()).length;
      const why = error instanceof TypeError ? "" : error.message;
      tell(`${say(`${n} phiếu chưa gửi, còn giữ trong máy này. Đừng xoá dữ liệu trình duyệt.`, `${n} forms not sent, kept in this browser. Do not clear its data.`)} ${why}`.trim());
    } finally {
      sending = false;
    }
  };

  const refusedBox = document.getElementById("khong-nhan");
  const refused = async () => {
    const lines = (await all(REFUSED)).map((sent) => {
      const line = document.createElement("p");
      line.className = "error";
      line.append(`${say("Phiếu", "Form")} ${sent.code}: ${sent.words} `);
      const forget = async () => {
        await write([[REFUSED + name(sent), null]]);
        await refused();
      };
      const button = (words, act) => {
        const made = document.createElement("button");
        made.type = "button";
        made.className = "linklike";
        made.textContent = words;
        made.addEventListener("click", act);
        line.append(made, " ");
      };
      if (sent.batch === batch && sent.pass === pass) {
        button(say("Mở lại", "Open again"), async () => {
          await forget();
          show(sent.kept);
          keep();
        });
      }
      button(say("Bỏ", "Dismiss"), forget);
      return line;
    });
    refusedBox.replaceChildren(...lines);
  };

  addEventListener("online", flush);
  setInterval(flush, 10_000);
  const others = new Set();
  for (const key of await keysOf()) {
    const [whose, what] = String(key).split("/");
    if (whose !== clerk && what === "cho") others.add(whose);
  }
  if (others.size > 0) {
    const names = [...others].join(", ");
    const line = document.createElement("p");
    line.append(say(`Máy này còn giữ phiếu chưa gửi của ${names}. Phiếu được gửi khi người đó đăng nhập và mở trang này.`, `This browser keeps forms of ${names} that are not sent. They are sent when that person signs in and opens this page.`));
    told.before(line);
  }
  if (!opened) tell(say("Trình duyệt này không giữ được phiếu khi tắt trang. Xin dùng cửa sổ thường, không dùng cửa sổ ẩn danh.", "This browser keeps no forms once the page is closed. Use a normal window, not a private one."));

  const form = document.getElementById("phieu");
  if (!form) {
    await refused();
    return flush();
  }

  // One form.
  const code = document.getElementById("ma");
  const day = document.getElementById("ngay");
  const unit = document.getElementById("so-mau");
  const comment = document.getElementById("comment");
  const correct = form.elements.namedItem("sua");
  const fields = [...form.querySelectorAll("[data-shape]")];
  let last = "";

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
    correct: correct.value,
    at: document.activeElement?.name ?? "",
  });
  const keep = () => write([[DRAFT, draft()]]).catch(full);
  const show = (kept) => {
    code.value = kept.code;
    if (kept.day) day.value = kept.day;
    for (const field of fields) field.value = kept.values[field.name] ?? "";
    comment.value = kept.comment;
    correct.value = kept.correct ?? "";
    const at = [code, day, comment, ...fields].find((field) => field.name === kept.at);
    (at ?? code).focus();
  };
  const clear = () => {
    for (const field of [code, correct, comment, ...fields]) field.value = "";
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
  const begin = () => go(day.value ? (fields[0] ?? comment) : day);

  const lookUp = async (letters, more) => {
    const address = `${location.pathname}/ma/${letters}?lan=${pass}${more}${english ? "&lang=en" : ""}`;
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    return isJson(answer) ? answer.json() : null;
  };
  const noNetwork = () => tell(say("Mất mạng: vẫn nhập được, phiếu chờ trong máy này.", "No network: go on, forms wait in this browser."));
  const check = async () => {
    const letters = plain(code.value);
    if (!isCode(letters)) {
      code.select();
      return tell(say("Mã phiếu không đúng. Xin gõ hoặc quét lại.", "This is no code of a form. Type or scan it again."));
    }
    if (correct.value) return begin();
    if ((await waiting()).some((sent) => sent.code === letters && sent.pass === pass)) {
      code.select();
      return tell(say("Phiếu này vừa nhập, đang chờ gửi.", "This form was just keyed and waits to be sent."));
    }
    try {
      const found = await lookUp(letters, "");
      if (plain(code.value) !== letters) return undefined;
      if (found) {
        tell(found.words);
        if (!found.good) return code.select();
      }
    } catch {
      noNetwork();
    }
    return begin();
  };
  /** Opens the form whose code stands in the field, else the one keyed last, to be corrected. */
  const reopen = async () => {
    const typed = plain(code.value);
    const letters = isCode(typed) ? typed : last;
    if (!letters || pass !== "1") return undefined;
    const [here] = (await waiting()).filter((sent) => sent.code === letters && sent.pass === pass);
    if (here) {
      // It may have arrived without our hearing of it: what is sent next is a correction then.
      await write([[WAITING + name(here), null], [DRAFT, { ...here.kept, correct: "1" }]], "strict");
      show({ ...here.kept, correct: "1", at: "" });
      return begin();
    }
    try {
      const found = await lookUp(letters, "&sua=1");
      if (found) tell(found.words);
      if (!found?.good) return undefined;
      show({ ...found.kept, code: letters, correct: "1", at: "" });
      return begin();
    } catch {
      return tell(say("Mất mạng: phiếu đã gửi chỉ sửa được khi có mạng.", "No network: a form that was sent is corrected when it is back."));
    }
  };

  form.addEventListener("keydown", (event) => {
    const field = event.target;
    const { key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const done = () => event.preventDefault();
    if (field === code || field === day) {
      if (field === code && key === "ArrowUp") return done(), reopen();
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
    if (small === "x" || (small === "m" && field !== unit)) return done(), put(field, small);
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
  form.addEventListener("input", (event) => {
    if (event.target === code) correct.value = "";
    keep();
  });

  const send = async () => {
    const letters = plain(code.value);
    if (!isCode(letters)) return code.focus(), tell(say("Xin nhập mã phiếu trước.", "The code of the form comes first."));
    if (!day.value) return day.focus(), tell(say("Xin ghi ngày trả lời.", "Give the date on the form."));
    const kept = draft();
    const body = new URLSearchParams(new FormData(form)).toString();
    const sent = { at: Date.now(), action: form.action, batch, pass, code: letters, body, kept };
    last = letters;
    clear();
    try {
      await write([[WAITING + name(sent), sent], [DRAFT, null]], "strict");
    } catch {
      show(kept);
      return full();
    }
    return flush();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });

  const [kept] = await all(DRAFT);
  if (kept && code.value === "") show(kept);
  await refused();
  await flush();
})();

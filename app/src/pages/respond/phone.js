// Adds comfort to the phone pages; all of them work without it. ES2017, for Android WebView 70.
// It fills the response id, keeps a draft for a day, hides what is not asked, and sends when the network returns.
(() => {
const form = document.forms[0], place = location.pathname, day = 864e5, now = Date.now();
const say = document.getElementById('offline');
let kept = {}, pressed, busy, wait = 2e3;
const save = () => { try { localStorage[place] = JSON.stringify(kept) } catch (e) {} };
const all = f => Array.from(form.elements).forEach(f);
const field = name => form.elements[name];
// UUID version 7: 48 bits of milliseconds, the rest by chance.
const uuid = () => {
const b = crypto.getRandomValues(new Uint8Array(16));
for (let i = 5, t = now; i >= 0; i--, t = Math.floor(t / 256)) b[i] = t % 256;
b[6] = b[6] & 15 | 112;
b[8] = b[8] & 63 | 128;
return Array.from(b, x => (x + 256).toString(16).slice(1)).join('').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
try { kept = JSON.parse(localStorage[place] || '{}') } catch (e) {}
if ('closed' in form.dataset || !(kept.at > now - day)) kept = { at: now, id: uuid() };
if ('closed' in form.dataset) { try { delete localStorage[place] } catch (e) {} } else save();
field('id').value = kept.id;
field('luc').value = now;
const answer = i => /radio|checkbox/.test(i.type) ? i.checked : i.type == 'text' || i.type == 'textarea';
const route = () => {
form.querySelectorAll('[data-if]').forEach(x => {
const [name, codes] = x.dataset.if.split('=');
const chosen = form.querySelector('[name="' + name + '"]:checked');
x.hidden = !!chosen && !codes.split(',').includes(chosen.value);
});
all(i => { i.disabled = !!i.closest('[data-if][hidden]') });
};
if (kept.draft && !('kept' in form.dataset)) all(i => kept.draft.forEach(([name, value]) => {
if (i.name != name) return;
if (/radio|checkbox/.test(i.type)) i.checked = i.checked || i.value == value;
else if (answer(i)) i.value = value;
}));
route();
form.addEventListener('input', () => {
route();
kept.draft = [];
all(i => { if (answer(i) && i.name && i.name != 'website') kept.draft.push([i.name, i.value]) });
save();
});
// Sends a form in the background; when the server says no, the page posts itself and shows the server's words.
const post = (url, body, refused) => {
if (busy) return;
busy = 1;
fetch(url, { method: 'POST', body: new URLSearchParams(body), headers: { Accept: 'application/json' }, credentials: 'same-origin' })
.then(r => r.ok ? r.json() : {}).then(answer => {
delete kept.send;
save();
if (answer.next) location.assign(answer.next);
else { busy = 0; refused() }
}, () => {
busy = 0;
kept.send = [url, body];
save();
say.hidden = false;
wait = Math.min(wait * 2, 6e4);
setTimeout(() => post(url, body, refused), wait);
addEventListener('online', () => post(url, body, refused), { once: true });
});
};
form.addEventListener('click', e => { pressed = e.target.closest('button') || pressed });
form.addEventListener('submit', e => {
if (!self.fetch || pressed && pressed.name == 'xem') return;
e.preventDefault();
field('gui').value = Date.now();
const button = pressed || { name: 'di', value: 'gui' };
const body = new URLSearchParams(new FormData(form));
body.append(button.name, button.value);
post(form.action, body + '', () => {
const i = document.createElement('input');
i.type = 'hidden';
i.name = button.name;
i.value = button.value;
form.appendChild(i);
form.submit();
});
});
if (kept.send) post(kept.send[0], kept.send[1], () => {});
addEventListener('pageshow', e => { if (e.persisted) location.reload() });
})();

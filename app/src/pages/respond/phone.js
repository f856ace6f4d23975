// Adds comfort to the phone pages; all of them work without it. ES2017, for Android WebView 70. Names are short
// because they travel: f the form, k what this phone keeps for the desk, b the button that was pressed.
(() => {
const d = document, f = d.forms[0], e = f.elements, p = location.pathname, n = Date.now();
let k = {}, b, busy, wait = 2e3;
const save = () => { try { localStorage[p] = JSON.stringify(k) } catch (x) {} };
const all = g => Array.from(e).forEach(g);
const box = i => /radio|checkbox/.test(i.type);
try { k = JSON.parse(localStorage[p] || '{}') } catch (x) {}
// k.id: a UUID version 7, 48 bits of milliseconds and the rest by chance; k.at: first touch. Both for a day, or until
// the response is closed.
if ('closed' in f.dataset || !(k.at > n - 864e5)) {
const r = crypto.getRandomValues(new Uint8Array(16));
for (let i = 6, t = n; i--; t = Math.floor(t / 256)) r[i] = t;
r[6] = r[6] & 15 | 112;
r[8] = r[8] & 63 | 128;
k = { at: n, id: Array.from(r, x => (x + 256).toString(16).slice(1)).join('').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') };
}
save();
e.id.value = k.id;
e.luc.value = k.at;
// Hides what is not asked, and keeps it out of the post.
const route = () => {
f.querySelectorAll('[data-if]').forEach(x => {
const [q, v] = x.dataset.if.split('='), c = f.querySelector('[name="' + q + '"]:checked');
x.hidden = !!c && !v.split(',').includes(c.value);
});
all(i => { i.disabled = !!i.closest('[data-if][hidden]') });
};
// k.draft: what is on the form.
if (k.draft && !('kept' in f.dataset)) all(i => k.draft.forEach(([q, v]) => {
if (i.name == q) if (box(i)) i.checked |= i.value == v; else i.value = v;
}));
route();
f.addEventListener('input', () => {
route();
k.draft = [];
all(i => { if (box(i) ? i.checked : /text/.test(i.type) && i.name != 'website') k.draft.push([i.name, i.value]) });
save();
});
// Posts in the background. Without network it keeps k.send and tries again; when the server has something to say, the
// page posts itself and shows it.
const post = (u, v, no) => {
if (busy) return;
busy = 1;
fetch(u, { method: 'POST', body: new URLSearchParams(v), headers: { Accept: 'application/json' }, credentials: 'same-origin' })
.then(r => r.ok ? r.json() : {}).then(r => {
delete k.send;
save();
if (r.next) location.assign(r.next);
else no(busy = 0);
}, () => {
busy = 0;
k.send = [u, v];
save();
d.getElementById('offline').hidden = false;
const again = () => post(u, v, no);
setTimeout(again, wait = Math.min(wait * 2, 6e4));
addEventListener('online', again, { once: true });
});
};
f.addEventListener('click', x => { b = x.target.closest('button') || b });
f.addEventListener('submit', x => {
b = b || f.querySelector('button');
if (b.name == 'xem' || !self.fetch) return;
x.preventDefault();
e.gui.value = Date.now();
const v = new URLSearchParams(new FormData(f));
v.append(b.name, b.value);
post(f.action, '' + v, () => {
const i = d.createElement('input');
i.type = 'hidden';
i.name = b.name;
i.value = b.value;
f.appendChild(i);
f.submit();
});
});
if (k.send) post(k.send[0], k.send[1], () => {});
addEventListener('pageshow', x => { if (x.persisted) location.reload() });
})();

// Adds comfort to the phone pages; all of them work without it. ES2017, for Android WebView 70. Names are short
// because they travel: f the form, s what the page says of itself, k what this phone keeps for the desk, q what waits to
// be sent, b the button that was pressed. Lines after "@form" and "@faces" travel with pages of that kind alone.
(() => {
const d = document, f = d.forms[0], e = f.elements, s = f.dataset, p = location.pathname, net = d.getElementById('net');
const faces = d.querySelector('.faces');
let k, q, b, run, said, wait = 2e3;
const load = (x, y) => { try { return JSON.parse(localStorage[x]) || y } catch (x) { return y } };
const keep = (x, y) => { try { localStorage[x] = JSON.stringify(y) } catch (x) {} };
// Other pages of this desk may have changed what waits.
const queue = g => keep(p + '#', q = g(load(p + '#', q || [])));
// k.id: a UUID version 7, 48 bits of milliseconds and the rest by chance; k.at: first touch. Both for a day, or until
// the response is closed.
const fresh = () => {
const r = crypto.getRandomValues(new Uint8Array(16)), n = Date.now();
for (let i = 6, t = n; i--; t = Math.floor(t / 256)) r[i] = t;
r[6] = r[6] & 15 | 112;
r[8] = r[8] & 63 | 128;
k = { at: n, id: Array.from(r, x => (x + 256).toString(16).slice(1)).join('') };
};
const own = () => {
keep(p, k);
e.id.value = k.id;
e.luc.value = k.at;
};
k = load(p, {});
// After a part (k.part) the faces are for another visit.
if ('closed' in s || !(k.at > Date.now() - 864e5) || faces && k.part) fresh();
if ('rest' in s) k.part = 1;
own();
//@form
const all = g => Array.from(e).forEach(g), box = i => /o/.test(i.type);
// Hides what is not asked, and keeps it out of the post; "next" leads past it.
const route = () => {
f.querySelectorAll('[data-if]').forEach(x => {
const [q, v] = x.dataset.if.split('='), c = e[q].value;
x.hidden = !!c && !v.split(',').includes(c);
});
all(i => { i.disabled = !!i.closest('[data-if][hidden]') });
f.querySelectorAll('section>p>a').forEach(a => {
let t, h = a.h = a.h || [a.hash, a.textContent];
while ((t = d.querySelector(h[0])).hidden && (t = t.querySelector('p>a'))) h = t.h || [t.hash, t.textContent];
[a.hash, a.textContent] = h;
});
};
// k.draft: what is on the form.
if (k.draft && !('kept' in s)) all(i => k.draft.forEach(([q, v]) => {
if (i.name == q) if (box(i)) i.checked |= i.value == v; else i.value = v;
}));
route();
f.oninput = () => {
route();
k.draft = [];
all(i => { if (box(i) ? i.checked : /text/.test(i.type) && i.name != 'website') k.draft.push([i.name, i.value]) });
keep(p, k);
};
//@faces
const mark = v => faces && faces.querySelectorAll('button').forEach(x => {
x.className = x.value == v ? 'on' : '';
x.setAttribute('aria-pressed', x.value == v);
});
//@all
// Posts natively: the server has something to say.
const native = () => {
said = 1;
b.click();
};
// Sends what waits, in the background: [id, address, body, the face or 0]. A network that hangs is given up after 12 s; what
// was not answered is sent again, by the next page of the desk too. mine: this page is about it.
const flush = () => {
const x = q[0];
if (run || !x) return;
const mine = () => x[0] == k.id && !x[3] == !faces, c = run = new AbortController(), t = setTimeout(() => c.abort(), 12e3);
if (mine()) net.textContent = net.dataset.busy;
const stop = () => run = clearTimeout(t);
fetch(x[1], { method: 'POST', body: new URLSearchParams(x[2]), headers: { Accept: 'application/json' }, credentials: 'same-origin', signal: c.signal })
.then(r => r.ok ? r.json() : r.status > 499 || r.status == 429 ? Promise.reject() : {}).then(r => {
stop();
queue(l => l.filter(y => y[2] != x[2]));
if (!mine()) flush();
else if (r.next) location = r.next;
else if (b) native();
}, () => {
stop();
// Something newer took its place.
if (!q[0] || q[0][2] != x[2]) return flush();
if (mine()) net.textContent = net.dataset.wait;
setTimeout(flush, wait);
wait = Math.min(wait * 2, 6e4);
});
};
//@faces
// A touch screen of this size may stand at the desk, for many people: 15 s after the last touch it is the next one's.
let timer;
const leave = () => {
b = 0;
fresh();
own();
if (faces) return mark(net.textContent = '');
b = f.appendChild(d.createElement('button'));
b.name = 'di';
b.value = 'khac';
native();
};
const rest = () => {
clearTimeout(timer);
if (matchMedia('(pointer:coarse) and (min-width:600px) and (min-height:600px)').matches && ('idle' in s || faces && q.some(y => y[0] == k.id))) timer = setTimeout(leave, 15e3);
};
['touchstart', 'keydown', 'scroll'].forEach(x => addEventListener(x, rest, true));
//@all
f.onclick = x => { b = x.target.closest('button') || b };
f.onsubmit = x => {
b = b || e[0];
const tap = b.name == 'tap';
if (said || !tap && !/gui|dung/.test(b.value) || !self.AbortController) return;
x.preventDefault();
e.gui.value = Date.now();
const v = new URLSearchParams(new FormData(f));
v.append(b.name, b.value);
// A tap that waits goes with its form.
queue(l => {
l = l.filter(y => {
if (y[0] == k.id && y[3] && !tap) v.append('tap', y[3]);
return y[0] != k.id;
});
l.unshift([k.id, f.action, '' + v, tap ? b.value : 0]);
return l;
});
//@faces
mark(b.value);
rest();
//@all
if (run) run.abort();
flush();
};
// The page that would ask about open questions is gone: a form goes as it is.
queue(l => l.map(y => y[3] ? y : [y[0], y[1], y[2] + '&hoi=1', 0]));
//@faces
q.forEach(y => { if (y[0] == k.id) mark(y[3]) });
rest();
//@all
flush();
self.ononline = flush;
self.onpageshow = x => { if (x.persisted) location.reload() };
})();

// Runs in each page, within a function that knows its visit. What else runs there
// may say what is to be done with an order: orders.NAME = async () => {...}.
const pause = ms => new Promise(done => setTimeout(done, ms));
const frame = () => new Promise(done => requestAnimationFrame(done));
const shown = async () => { await frame(); await frame(); };
const post = (kind, body) => fetch(visit.harness + 'post?visit=' + visit.id + '&kind=' + kind,
  {method: 'POST', body: JSON.stringify(body || {}), keepalive: true});

const orders = {};
const obey = async () => {
  for (;;) {
    try {
      const answer = await fetch(visit.harness + 'next?after=' + visit.id);
      if (answer.status === 410) return;
      const next = await answer.json();
      if (next.url) {
        location.replace(next.url);
        return;
      }
      if (next.order) await orders[next.order]();
    } catch {
      await pause(200);
    }
  }
};
obey();

// Runs in each page of MiniWoB++, after the script of the stage and within the same
// function. What the agent must not see is hidden: the goal, which it gets as words,
// the cover and the counters.
orders.change = async () => {
  const note = document.createElement('div');
  note.textContent = 'changed';
  note.style.cssText = 'position:fixed;right:20px;bottom:20px;padding:4px;background:#fff;color:#000;font:14px sans-serif';
  document.body.append(note);
  await shown();
  post('changed');
};

const begin = async () => {
  while (!WOB_TASK_READY) await pause(20);
  Math.seedrandom(episode.seed);
  core.startEpisodeReal();
  await document.fonts.ready;
  await Promise.all(Array.from(document.images, image => image.decode().catch(() => {})));
  await shown();
  const said = core.getUtterance();
  await post('ready', {
    goal: (typeof said === 'string' ? said : said.utterance).trim(),
    wanted: episode.wanted ? wanted() : [],
  });
  while (!WOB_DONE_GLOBAL) await pause(50);
  post('over', {raw: WOB_RAW_REWARD_GLOBAL, reason: String(WOB_REWARD_REASON || '')});
};

if (typeof core !== 'undefined') {
  const style = document.createElement('style');
  style.textContent = '#query, #query * {visibility: hidden !important}' +
    '#sync-task-cover, #reward-display, #click-canvas {display: none !important}';
  document.head.append(style);
  core.EPISODE_MAX_TIME = 1000000;
  // After the page's own handler, which has made the cover by then.
  window.addEventListener('load', () => setTimeout(begin, 0));
}

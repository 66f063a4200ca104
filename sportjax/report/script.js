'use strict';
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

// Clips play only while they are in sight, and none where the reader's system asks for less motion.
{
  const clips = [...document.querySelectorAll('video')];
  const button = document.getElementById('pause');
  const visible = new Set();
  let paused = calm;
  const play = (clip) => clip.play().catch(() => {});  // a play that a pause overtakes is no error
  const update = () => {
    for (const clip of clips) paused || !visible.has(clip) ? clip.pause() : play(clip);
    if (button) button.textContent = paused ? 'Play clips' : 'Pause clips';
  };
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) visible[isIntersecting ? 'add' : 'delete'](target);
    update();
  });
  clips.forEach((clip) => {
    clip.muted = true;
    clip.controls = false;  // they are for a browser without scripts
    observer.observe(clip);
    clip.addEventListener('click', () => (clip.paused ? play(clip) : clip.pause()));
  });
  button?.addEventListener('click', () => { paused = !paused; update(); });
  document.getElementById('speed')?.addEventListener('change', ({ target }) => {
    for (const clip of clips) clip.defaultPlaybackRate = clip.playbackRate = Number(target.value);
  });
  update();
}

// Both sequences of an alignment in step along its path.
for (const root of document.querySelectorAll('.alignment')) {
  const { path, t_ms: times, grids } = JSON.parse(root.querySelector('script').textContent);
  const pictures = [...root.querySelectorAll('.pane img')];
  const scrubber = root.querySelector('input');
  const button = root.querySelector('.play');
  const output = root.querySelector('output');
  const cost = root.querySelector('.cost');
  const marker = root.querySelector('.marker');
  const [rows, columns] = cost.dataset.size.split(' ').map(Number);
  // Mean time of the two frames: it grows at every step, so playing neither stalls nor jumps.
  const clock = path.map((pair) => (times[0][pair[0]] + times[1][pair[1]]) / 2);
  let started = null;

  const show = (place) => {
    scrubber.value = place;
    path[place].forEach((frame, n) => {
      const [across, down] = grids[n];
      const x = -100 * (frame % across) / across;
      const y = -100 * Math.floor(frame / across) / down;
      pictures[n].style.transform = `translate(${x}%,${y}%)`;
    });
    const [i, j] = path[place];
    marker.hidden = false;
    marker.style.left = `${100 * (j + 0.5) / columns}%`;
    marker.style.top = `${100 * (1 - (i + 0.5) / rows)}%`;
    output.textContent = `${(times[0][i] / 1000).toFixed(2)} s ↔ ${(times[1][j] / 1000).toFixed(2)} s`;
    scrubber.setAttribute('aria-valuetext', output.textContent);
  };
  const stop = () => {
    started = null;
    button.textContent = 'Play';
  };
  const step = (now) => {
    if (started === null) return;
    const at = clock[0] + now - started;
    const place = clock.findLastIndex((time) => time <= at);
    show(Math.max(place, 0));
    if (at > clock.at(-1) + 600) started = now;  // rest on the last pair, then again from the start
    requestAnimationFrame(step);
  };
  button.addEventListener('click', () => {
    if (started !== null) return stop();
    const place = Number(scrubber.value);
    started = performance.now() - (place === path.length - 1 ? 0 : clock[place] - clock[0]);
    button.textContent = 'Pause';
    requestAnimationFrame(step);
  });
  scrubber.addEventListener('input', () => { stop(); show(Number(scrubber.value)); });
  root.querySelectorAll('.strip button').forEach((pair) => {
    pair.addEventListener('click', () => { stop(); show(Number(pair.dataset.place)); });
  });
  const pick = (event) => {
    if (event.type === 'pointermove' && !event.buttons) return;
    stop();
    const box = cost.getBoundingClientRect();
    const j = (event.clientX - box.left) / box.width * columns - 0.5;
    const i = (1 - (event.clientY - box.top) / box.height) * rows - 0.5;
    const distances = path.map((pair) => Math.abs(pair[0] - i) / rows + Math.abs(pair[1] - j) / columns);
    show(distances.indexOf(Math.min(...distances)));
  };
  cost.addEventListener('pointerdown', pick);
  cost.addEventListener('pointermove', pick);
  show(0);
}

// The legend's boxes hide and show one source's poses in all pictures.
for (const root of document.querySelectorAll('.poses')) {
  root.querySelectorAll('input').forEach((box) => box.addEventListener('change', () => {
    for (const pose of root.querySelectorAll(`.pose-${box.value}`)) pose.style.display = box.checked ? '' : 'none';
  }));
}

// The turning surface: places as discs, those that face away left out, the far ones first.
(() => {
  const section = document.getElementById("surface");
  const data = JSON.parse(document.getElementById("surface-data").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const find = (selector) => section.querySelector(selector);
  const n = data.places;
  const points = Float32Array.from(new Int16Array(bytes(data.points).buffer), (x) => x / 32767);
  const normals = Float32Array.from(new Int8Array(bytes(data.normals).buffer), (x) => x / 127);
  const fields = {};
  for (const [name, text] of Object.entries(data.fields)) fields[name] = bytes(text);
  const scales = {};
  for (const [name, s] of Object.entries(data.scales)) {
    const c = bytes(s.colours);
    scales[name] = { ends: s.ends, css: Array.from({ length: 256 }, (_, k) => `rgb(${c[3 * k]},${c[3 * k + 1]},${c[3 * k + 2]})`) };
  }
  const isDifference = (show) => show === "difference" || show === "missed";

  const canvas = find("canvas");
  const pen = canvas.getContext("2d");
  const state = { show: "attention", step: 0, turn: 0.6, tilt: 0.75, turning: true, playing: false, near: true };
  const order = new Uint16Array(n);
  const depth = new Float32Array(n);
  const place = new Float32Array(2 * n);
  const size = 0.47 * Math.min(canvas.width / 1.05, canvas.height / 0.78);
  const disc = 1.15 * size * Math.sqrt(6 / n);

  function draw() {
    const [c, s] = [Math.cos(state.turn), Math.sin(state.turn)];
    const [e, f] = [Math.cos(state.tilt), Math.sin(state.tilt)];
    let shown = 0;
    for (let i = 0; i < n; i++) {
      const [x, y, z] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
      const [u, v, w] = [normals[3 * i], normals[3 * i + 1], normals[3 * i + 2]];
      // towards the reader: positive
      const facing = f * w + e * (s * u - c * v);
      if (facing < -0.08) continue;
      place[2 * i] = canvas.width / 2 + size * (c * x + s * y);
      place[2 * i + 1] = canvas.height / 2 - size * (e * z - f * (s * x - c * y));
      depth[i] = f * z + e * (s * x - c * y);
      order[shown++] = i;
    }
    const seen = order.subarray(0, shown).sort((a, b) => depth[a] - depth[b]);
    const colours = scales[isDifference(state.show) ? "differences" : "features"].css;
    const values = fields[state.show].subarray(state.step * n, (state.step + 1) * n);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (const i of seen) {
      pen.fillStyle = colours[values[i]];
      pen.beginPath();
      pen.arc(place[2 * i], place[2 * i + 1], disc, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  function tell() {
    const k = data.steps[state.step];
    const scale = scales[isDifference(state.show) ? "differences" : "features"];
    find(".k").textContent = k;
    find(".t").textContent = (k * data.step).toFixed(3);
    find(".low").textContent = String(scale.ends[0]).replace("-", "−");
    find(".high").textContent = scale.ends[1];
    find(".bar").style.background = `linear-gradient(90deg, ${scale.css.filter((_, j) => j % 15 === 0).join(",")})`;
    const right = data.root_mean_squares.difference[state.step];
    const wrong = data.root_mean_squares.missed[state.step];
    find(".size").textContent = k
      ? `Root mean square difference from the equation: attention ${right}, without drift ${wrong}.`
      : "At time 0 all are the features themselves.";
    find(".step").value = state.step;
    find(".play").textContent = state.playing ? "Pause" : "Play";
    find(".turn").setAttribute("aria-pressed", state.turning);
    find(".turn").textContent = state.turning ? "Stop turning" : "Turn";
    Object.assign(section.dataset, { show: state.show, k });
    draw();
  }

  let last = 0;
  let since = 0;
  function frame(now) {
    const passed = Math.min(now - last, 100);
    last = now;
    if (state.near) {
      if (state.turning) state.turn += passed / 6000;
      since += state.playing ? passed : 0;
      if (since > 700) {
        since = 0;
        state.step = (state.step + 1) % data.steps.length;
        tell();
      } else if (state.turning) draw();
    }
    if (state.turning || state.playing) requestAnimationFrame(frame);
  }
  function run() {
    last = performance.now();
    requestAnimationFrame(frame);
  }
  function change(part, starts) {
    const still = !state.turning && !state.playing;
    Object.assign(state, part);
    tell();
    if (starts && still) run();
  }

  find(".step").max = data.steps.length - 1;
  find(".step").addEventListener("input", (e) => change({ step: Number(e.target.value), playing: false }));
  for (const radio of section.querySelectorAll("input[name=show]")) {
    radio.addEventListener("change", () => change({ show: radio.value }));
  }
  find(".play").addEventListener("click", () => change({ playing: !state.playing }, true));
  find(".turn").addEventListener("click", () => change({ turning: !state.turning }, true));
  let held = null;
  canvas.addEventListener("pointerdown", (e) => {
    held = [e.clientX, e.clientY, state.turn, state.tilt];
    canvas.setPointerCapture(e.pointerId);
    change({ turning: false });
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!held) return;
    const tilt = held[3] + (e.clientY - held[1]) / 150;
    change({ turn: held[2] + (held[0] - e.clientX) / 150, tilt: Math.max(-1.5, Math.min(1.5, tilt)) });
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => (held = null));
  new IntersectionObserver(([e]) => (state.near = e.isIntersecting)).observe(canvas);
  // a script that failed before leaves the still picture alone
  find(".stage").hidden = false;
  find(".places").textContent = n.toLocaleString("en");
  find(".tokens").textContent = data.tokens.toLocaleString("en");
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) state.turning = false;
  tell();
  run();
})();

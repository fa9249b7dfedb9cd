// A voice note: recorded here, made what a telephone's recording is, and left with the PBX.
// All text goes in as text, never as markup.

const LONGEST_SECONDS = 180;
const RATE = 8000;
const WORDS = {
  insecure: "مرورگر فقط در نشانی امن (https یا localhost) اجازهٔ ضبط می‌دهد.",
  denied: "اجازهٔ میکروفون داده نشد؛ در تنظیمات مرورگر اجازه دهید و دوباره بزنید.",
  missing: "میکروفونی پیدا نشد.",
  busy: "میکروفون در دست برنامهٔ دیگری است.",
  asking: "مرورگر اجازهٔ میکروفون می‌خواهد…",
  recording: "بگویید؛ ضبط می‌شود",
  sending: "در حال فرستادن…",
  failed: "فرستاده نشد؛ دوباره بفرستید.",
  empty: "چیزی ضبط نشد؛ دوباره بگویید.",
};

const $ = (id) => document.getElementById(id);
const persian = (value) => String(value).replace(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[digit]);
const ui = {
  speak: $("speak"), composer: $("composer"), bar: $("voice"), light: $("voice-light"), words: $("voice-words"),
  time: $("voice-time"), drop: $("voice-drop"), send: $("voice-send"), announcer: $("announcer"),
};

export function installVoice(phone) {
  if (!ui.speak) return;
  // One note at a time: what is heard, then what waits to be sent under its one id.
  let note = null;

  function show(state, words) {
    ui.composer.hidden = state !== "";
    ui.bar.hidden = state === "";
    ui.bar.className = `voice ${state}`;
    ui.light.hidden = state !== "recording";
    ui.time.hidden = state !== "recording";
    ui.send.hidden = state === "asking" || state === "refused";
    ui.send.disabled = state === "sending";
    ui.words.textContent = words;
    ui.announcer.textContent = words;
  }

  function leave() {
    if (!note) return;
    const { recorder, stream, timer } = note;
    note = null;
    clearInterval(timer);
    if (recorder?.state === "recording") recorder.stop();
    for (const track of stream?.getTracks() ?? []) track.stop();
    show("", "");
    ui.speak.focus();
  }

  function refuse(words) {
    show("refused", words);
    ui.drop.focus();
  }

  async function begin() {
    const mine = (note = { id: newId(), handle: phone.handle() });
    if (!navigator.mediaDevices || !window.MediaRecorder) return refuse(WORDS.insecure);
    show("asking", WORDS.asking);
    ui.drop.focus();
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
    } catch (error) {
      if (note !== mine) return;
      const why = { NotAllowedError: WORDS.denied, SecurityError: WORDS.denied, NotReadableError: WORDS.busy };
      return refuse(why[error.name] ?? WORDS.missing);
    }
    if (note !== mine) return stream.getTracks().forEach((track) => track.stop());
    const recorder = new MediaRecorder(stream);
    const begun = Date.now();
    Object.assign(mine, { stream, recorder, pieces: [] });
    recorder.addEventListener("dataavailable", ({ data }) => mine.pieces.push(data));
    mine.stopped = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
    recorder.start(1000);
    const tick = () => {
      const seconds = Math.floor((Date.now() - begun) / 1000);
      ui.time.textContent = persian(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
      if (seconds >= LONGEST_SECONDS) send();
    };
    mine.timer = setInterval(tick, 250);
    tick();
    show("recording", WORDS.recording);
    ui.send.focus();
  }

  async function send() {
    const mine = note;
    if (!mine || mine.sending) return;
    mine.sending = true;
    show("sending", WORDS.sending);
    try {
      mine.sound ??= await recorded(mine);
      if (!mine.sound) {
        if (note === mine) refuse(WORDS.empty);
        return;
      }
      const answer = await fetch(`/phones/${mine.handle}/recordings/${mine.id}`, {
        method: "POST",
        headers: { "Content-Type": "audio/wav" },
        body: mine.sound,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      if (note === mine) leave();
    } catch {
      if (note !== mine) return;
      // The simulator may have started anew: the same number has another handle then.
      mine.handle = phone.handle();
      show("failed", WORDS.failed);
      ui.send.focus();
    } finally {
      mine.sending = false;
    }
  }

  ui.speak.addEventListener("click", begin);
  ui.drop.addEventListener("click", leave);
  ui.send.addEventListener("click", send);
  ui.bar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  return { leave };
}

async function recorded(note) {
  clearInterval(note.timer);
  if (note.recorder.state !== "inactive") note.recorder.stop();
  await note.stopped;
  for (const track of note.stream.getTracks()) track.stop();
  try {
    const bytes = await new Blob(note.pieces).arrayBuffer();
    // Decoding at a telephone's rate is resampling to it.
    return wav(await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes));
  } catch {
    return null;
  }
}

function wav(sound) {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, each) => sound.getChannelData(each));
  const made = new DataView(new ArrayBuffer(44 + sound.length * 2));
  const ascii = (at, text) => [...text].forEach((letter, each) => made.setUint8(at + each, letter.charCodeAt(0)));
  ascii(0, "RIFF");
  made.setUint32(4, 36 + sound.length * 2, true);
  ascii(8, "WAVEfmt ");
  made.setUint32(16, 16, true);
  made.setUint16(20, 1, true);
  made.setUint16(22, 1, true);
  made.setUint32(24, RATE, true);
  made.setUint32(28, RATE * 2, true);
  made.setUint16(32, 2, true);
  made.setUint16(34, 16, true);
  ascii(36, "data");
  made.setUint32(40, sound.length * 2, true);
  for (let at = 0; at < sound.length; at += 1) {
    const value = channels.reduce((sum, channel) => sum + channel[at], 0) / channels.length;
    made.setInt16(44 + at * 2, Math.max(-1, Math.min(1, value)) * 32767, true);
  }
  return made.buffer;
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

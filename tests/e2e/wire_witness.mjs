// A witness at a client's socket: it reads what the SDK reads, and keeps its own account of the sequence, so that a hole
// which the SDK overlooks is seen.

/**
 * `Socket`, over `Base`, is to be given to the SDK as its WebSocket; `faults` are the rules that were broken, in words;
 * `at` is the frame after which the table stands, as "epoch channel sequence".
 */
export function witness(Base) {
  const told = { faults: [], gaps: 0, paused: 0, why: new Map(), at: '', before: [], Socket: undefined };
  const heard = new Map(); // "epoch ch" -> the last s that came
  const { before } = told; // the last of what was said and heard, for who reads of a fault
  const note = (text) => {
    before.push(text.replace(/,"(c|k|fields|limits)":.*/, '').slice(0, 160));
    if (before.length > 12) before.shift();
  };
  const fault = (text, message) => told.faults.push(`${text}: ${JSON.stringify(message).slice(0, 200)} after\n${before.join('\n')}`);

  told.Socket = class extends Base {
    #asked = new Map(); // id -> what it goes on from
    #channels = new Map(); // ch -> { epoch, next: s or null while a snapshot is due, end of the window }
    #byId = new Map(); // id -> ch

    constructor(...from) {
      super(...from);
      note('--- another socket');
      this.addEventListener('message', ({ data }) => {
        if (!this.onmessage) return; // the SDK has given this socket up
        this.#hear(JSON.parse(data));
        note(data);
      });
    }

    send(text) {
      const message = JSON.parse(text);
      for (const { id, from } of message.t === 'sub' ? [message] : (message.subs ?? [])) {
        this.#asked.set(id, from);
        if (from && !(heard.get(`${from.epoch} ${from.ch}`) >= from.s)) fault('goes on from what never came', message);
      }
      note(text);
      super.send(text);
    }

    #hear(message) {
      if (message.t === 'subd') this.#begin(message);
      else if (message.t === 'paused') {
        told.paused += 1;
        this.#wait(this.#byId.get(message.id));
      } else if (message.t === 'gap') {
        told.gaps += 1;
        this.#wait(message.ch);
      } else if (message.t === 'snap') this.#snap(message);
      else if (message.t === 'u') this.#update(message);
    }

    #begin({ id, ch, epoch, mode, why, ...rest }) {
      const from = this.#asked.get(id);
      const goesOn = mode === 'replay';
      if (goesOn && !(from?.epoch === epoch && from.ch === ch)) fault('replays what nobody asked for', { id, ch, ...rest });
      told.why.set(why, (told.why.get(why) ?? 0) + 1);
      this.#byId.set(id, ch);
      this.#channels.set(ch, { epoch, next: goesOn ? from.s + 1 : null, end: 0 });
    }

    #wait(ch) {
      const channel = this.#channels.get(ch);
      if (channel) channel.next = null;
    }

    #snap(message) {
      const channel = this.#channels.get(message.ch);
      if (!channel) return fault('a snapshot of nothing', message);
      if (message.part && message.part[0] < message.part[1]) return;
      if (channel.next !== null && message.s + 1 < channel.next) fault('an old snapshot', message);
      if (channel.next !== null && message.rebase && message.s !== channel.next) fault('a hole before a rebase', message);
      this.#came(channel, message);
    }

    #update(message) {
      const channel = this.#channels.get(message.ch);
      if (!channel) return fault('an update of nothing', message);
      if (channel.next === null) return; // left out, and said so
      if (message.s !== channel.next) fault(`${channel.next} was due`, message);
      const newest = message.f === undefined && message.rev === undefined;
      if (newest && message.w[1] < channel.end) fault('the table went back in time', message);
      this.#came(channel, message);
      if (newest) channel.end = message.w[1];
    }

    #came(channel, { ch, s }) {
      channel.next = s + 1;
      heard.set(`${channel.epoch} ${ch}`, s);
      told.at = `${channel.epoch} ${ch} ${s}`;
    }
  };
  return told;
}

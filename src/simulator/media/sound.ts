/** Samples per second of what is made here; the rate of OpenAI's `pcm`. */
const SAMPLE_RATE = 24_000;

/** A fifth of a second of a quiet 440 Hz tone: signed 16-bit little-endian, one channel. */
export function pcmTone(): Buffer {
  const samples = SAMPLE_RATE / 5;
  const bytes = Buffer.alloc(samples * 2);
  for (let index = 0; index < samples; index += 1) {
    bytes.writeInt16LE(Math.round(3_000 * Math.sin((2 * Math.PI * 440 * index) / SAMPLE_RATE)), index * 2);
  }
  return bytes;
}

/** The tone in a WAV file. */
export function wavTone(): Buffer {
  const data = pcmTone();
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // linear PCM
  header.writeUInt16LE(1, 22); // channels
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

/** MPEG-1 layer III, 128 kbit/s, 44.1 kHz, one channel, no padding: 144 · 128,000 ÷ 44,100 bytes a frame, of 26 ms. */
const MP3_HEADER = Buffer.from([0xff, 0xfb, 0x90, 0xc0]);
const MP3_FRAME_BYTES = 417;

/** A fifth of a second of silence: frames whose side information is all zero decode to nothing. */
export function mp3Silence(): Buffer {
  const frame = Buffer.alloc(MP3_FRAME_BYTES);
  MP3_HEADER.copy(frame);
  return Buffer.concat(Array.from({ length: 8 }, () => frame));
}

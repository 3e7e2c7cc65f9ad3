import { useSettings } from '../settings/settings.ts'
import type { ServerFrame } from './types.ts'

export type LineState = 'connecting' | 'open' | 'down' | 'ended'

interface Handlers {
  onFrame: (frame: ServerFrame) => void
  onState: (state: LineState) => void
}

/** A session's frames, over a socket that comes back by itself and resumes after the last frame it saw. */
export class FrameSocket {
  private socket?: WebSocket
  private seq?: number
  private attempt = 0
  private timer?: ReturnType<typeof setTimeout>
  private closed = false

  constructor(private readonly sessionId: string, private readonly handlers: Handlers) {
    window.addEventListener('online', this.now)
    window.addEventListener('offline', this.lost)
    this.connect()
  }

  /** Tries at once instead of waiting for the next try. */
  now = () => {
    if (this.closed || this.socket?.readyState === WebSocket.OPEN) return
    this.attempt = 0
    this.connect()
  }

  close() {
    this.closed = true
    clearTimeout(this.timer)
    window.removeEventListener('online', this.now)
    window.removeEventListener('offline', this.lost)
    this.drop()
  }

  private lost = () => {
    this.drop()
    this.retry()
  }

  private drop() {
    if (!this.socket) return
    this.socket.onopen = this.socket.onclose = this.socket.onmessage = null
    this.socket.close()
    this.socket = undefined
  }

  private connect() {
    clearTimeout(this.timer)
    this.drop()
    this.handlers.onState('connecting')
    const url = new URL(`/ws/image-chat/${this.sessionId}`, location.href.replace(/^http/, 'ws'))
    url.searchParams.set('lang', useSettings.getState().language)
    if (this.seq !== undefined) url.searchParams.set('after', String(this.seq))
    const socket = new WebSocket(url)
    this.socket = socket
    socket.onmessage = (event) => this.receive(JSON.parse(String(event.data)) as ServerFrame)
    socket.onclose = (event) => {
      if (event.code >= 4500 && event.code < 5000) this.handlers.onState('ended')
      else this.retry()
    }
  }

  private receive(frame: ServerFrame) {
    if (frame.data?.code === 'connected') {
      this.attempt = 0
      this.seq ??= Number(frame.data.seq ?? 0)
      this.handlers.onState('open')
    }
    if (frame.seq !== undefined) {
      if (this.seq !== undefined && frame.seq <= this.seq) return
      this.seq = frame.seq
    }
    this.handlers.onFrame(frame)
  }

  private retry() {
    if (this.closed) return
    this.handlers.onState('down')
    this.attempt += 1
    const wait = Math.min(10_000, 300 * 2 ** this.attempt) * (0.5 + Math.random() / 2)
    this.timer = setTimeout(() => this.connect(), wait)
  }
}

// The shapes of the API, as the contract fixes them.

export type SessionStatus = 'active' | 'completed' | 'archived'
export type TurnKind = 'converse' | 'chat' | 'generate' | 'refine'
export type TurnStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'
export type ImageSize = '512' | '1K' | '2K' | '4K'

export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  code: string
  /** The generator's own words. */
  reason?: string
  request_id?: string
  retryable?: boolean
  retry_after_ms?: number
  errors?: { location: string; message: string }[]
}

export interface Session {
  id: string
  title: string
  image_purpose: string
  style_preset?: string | null
  brand_guidelines?: Record<string, unknown> | null
  brand_id?: string | null
  status: SessionStatus
  final_image_url?: string | null
  final_image_id?: string | null
  messages_count: number
  images_generated: number
  total_tokens_used: number
  total_cost_usd: number
  last_seq?: number
  created_at: string
  updated_at: string
}

export interface Picture {
  id: string
  session_id?: string | null
  message_id?: string | null
  parent_image_id?: string | null
  role: 'generated' | 'reference' | 'logo'
  image_url: string
  thumbnail_url: string
  width: number
  height: number
  mime_type: string
  format: string
  bytes: number
  sha256: string
  prompt_used?: string | null
  model_used?: string | null
  image_purpose?: string | null
  style_preset?: string | null
  generation_cost_usd?: number | null
  is_selected: boolean
  is_exported?: boolean
  alt_text?: string | null
  provenance?: { c2pa?: boolean; response_id?: string; model_version?: string } | null
  created_at: string
}

export interface Message {
  id: string
  session_id: string
  turn_id?: string | null
  role: 'user' | 'assistant'
  content_type: 'text' | 'image' | 'mixed'
  text_content?: string | null
  image_url?: string | null
  images?: Picture[] | null
  reference_images?: Picture[] | null
  tokens_used?: number | null
  generation_time_ms?: number | null
  error?: Problem | null
  created_at: string
}

export interface Turn {
  id: string
  session_id: string
  kind: TurnKind
  status: TurnStatus
  attempt: number
  content: string
  request?: TurnRequest
  user_message_id: string
  assistant_message_id?: string | null
  error?: Problem | null
  estimated_cost_usd?: number
  cost_usd?: number
  created_at: string
  started_at?: string | null
  finished_at?: string | null
}

export interface TurnRequest {
  kind: TurnKind
  content: string
  image_purpose?: string
  style_preset?: string
  image_id?: string
  reference_image_ids?: string[]
  count?: number
  image_size?: ImageSize
  model?: string
  custom_width?: number
  custom_height?: number
}

export interface Purpose {
  id: string
  name: string
  ratio: string
  width: number
  height: number
  description: string
  group: string
  group_name: string
  model_ratio: string
  crop_percent: number
  max_bytes?: number | null
  safe_area?: { left: number; top: number; right: number; bottom: number } | null
  formats: string[]
}

export interface Style {
  id: string
  name: string
  description: string
}

export interface Model {
  id: string
  default: boolean
  sizes: ImageSize[]
  ratios: string[]
  max_reference_images: number
  usd_per_image: Record<string, number>
  status: string
}

export interface Usage {
  since: string
  turns: number
  images: number
  tokens: number
  usd: number
  by_day: { day: string; turns: number; images: number; tokens: number; usd: number }[]
  by_session: { session_id: string; title?: string; turns: number; images: number; tokens: number; usd: number }[]
  budget: { daily_usd: number; spent_usd: number; session_usd: number }
}

export interface Health {
  status: string
  version: string
  environment: string
  gemini_configured: boolean
  generator: string
  model: string
}

export interface SessionPage {
  sessions: Session[]
  total: number
  next_cursor?: string | null
}

export interface ImagePage {
  images: Picture[]
  next_cursor?: string | null
}

/** A session with its newest messages and the turns that wait or run. */
export interface SessionDetail extends Session {
  messages: Message[]
  active_turns: Turn[]
  /** Where the page before begins; absent at the beginning. */
  messages_before?: string
}

/** A frame that the server sends on the socket. */
export interface ServerFrame {
  type: 'status' | 'message' | 'image' | 'mixed' | 'error'
  content: string
  image_url?: string | null
  data?: Record<string, unknown> | null
  timestamp: string
  seq?: number
  turn_id?: string
}

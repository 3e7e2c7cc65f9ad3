import type { Picture, Session } from '../api/types.ts'

/** What every tool over a picture is given. */
export interface ToolProps {
  picture: Picture
  pictures: readonly Picture[]
  session: Session
  onClose: () => void
}

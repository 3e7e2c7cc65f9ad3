import { tool } from '../chunks.tsx'
import { useAddress } from './address.ts'
import { CompareDialog } from './compare.tsx'
import type { ToolProps } from './tool.ts'
import { ZoomDialog } from './zoom.tsx'

const MarkDialog = tool(() => import('./mark.tsx'))
const ExportDialog = tool(() => import('../exporting/export-dialog.tsx'))

/** The tool that the address names, over the page. */
export default function PictureTools({ picture, pictures, session }: Omit<ToolProps, 'onClose'>) {
  const { params, close } = useAddress()
  const props = { picture, pictures, session, onClose: () => close('view', 'with') }
  switch (params.get('view')) {
    case 'zoom': return <ZoomDialog {...props} />
    case 'compare': return <CompareDialog {...props} />
    case 'mark': return <MarkDialog {...props} onLost={props.onClose} />
    case 'export': return <ExportDialog {...props} onLost={props.onClose} />
    default: return null
  }
}

import { Fragment, type ReactNode } from 'react'

/**
 * The little of Markdown that models use in chat: paragraphs, lists, headings, bold, code. Built as elements, never as
 * HTML, so that nothing the model writes can become markup; links stay text.
 */
export function Prose({ text, writing }: { text: string; writing?: boolean }) {
  const blocks = blocksOf(text)
  return (
    <div className="flex max-w-2xl flex-col gap-3">
      {blocks.map((block, index) => (
        <Block key={index} block={block} caret={writing === true && index === blocks.length - 1} />
      ))}
    </div>
  )
}

interface BlockOf {
  kind: 'p' | 'h' | 'ul' | 'ol'
  lines: string[]
}

/** Splits into blocks by empty lines and by where a list begins or ends. */
export function blocksOf(text: string): BlockOf[] {
  const blocks: BlockOf[] = []
  let open: BlockOf | undefined
  for (const line of text.split('\n')) {
    const item = /^\s*(?:([-*•])|(\d+)[.)])\s+(.*)$/.exec(line)
    const heading = /^#{1,6}\s+(.*)$/.exec(line)
    const kind = item ? (item[1] ? 'ul' : 'ol') : heading ? 'h' : 'p'
    const words = item?.[3] ?? heading?.[1] ?? line
    if (line.trim() === '') open = undefined
    else if (open && open.kind === kind && kind !== 'h') open.lines.push(words)
    else blocks.push((open = { kind, lines: [words] }))
  }
  return blocks
}

function Block({ block, caret }: { block: BlockOf; caret: boolean }) {
  const mark = caret ? 'caret' : undefined
  const items = () => block.lines.map((line, index) => <li key={index} className={index === block.lines.length - 1 ? mark : undefined}>{inline(line)}</li>)
  switch (block.kind) {
    case 'h': return <p className={`font-semibold ${mark ?? ''}`}>{inline(block.lines.join(' '))}</p>
    case 'ul': return <ul className="list-disc space-y-1 pl-5">{items()}</ul>
    case 'ol': return <ol className="list-decimal space-y-1 pl-5">{items()}</ol>
    case 'p': return <p className={mark}>{block.lines.map((line, index) => <Fragment key={index}>{index > 0 && <br />}{inline(line)}</Fragment>)}</p>
  }
}

function inline(text: string): ReactNode[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part, index) => {
    if (part.startsWith('**') && part.length > 4) return <strong key={index} className="font-semibold">{part.slice(2, -2)}</strong>
    if (part.startsWith('`') && part.length > 2) return <code key={index} className="rounded-xs bg-sunken px-1 font-sans">{part.slice(1, -1)}</code>
    return part
  })
}

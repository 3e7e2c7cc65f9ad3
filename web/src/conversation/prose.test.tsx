import { render } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { Prose } from './prose.tsx'

describe('words of the model', () => {
  it.each([
    ['become paragraphs', '하나\n\n둘', '<p>하나</p><p>둘</p>'],
    ['keep their line breaks', '하나\n둘', '<p>하나<br>둘</p>'],
    ['become lists', '- 하나\n- 둘', '<li>하나</li><li>둘</li>'],
    ['become numbered lists', '1. 하나\n2. 둘', '<ol'],
    ['carry emphasis', '**굵게**', '굵게</strong>'],
    ['never become markup', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
  ])('%s', (_, text, want) => {
    const { container } = render(<Prose text={text} />)
    expect(container.innerHTML.replaceAll(/ class="[^"]*"/g, '')).toContain(want.startsWith('<ol') ? '<ol>' : want)
  })
})

// The words and shapes that index.html shows before the app is there: those of the page that will come, in their final
// places, in both languages. boot.ts says which page and language; the app's own classes draw them.
import { en } from '../i18n/en.ts'
import { ko, type Words } from '../i18n/ko.ts'

const both = (tag: string, classes: string, of: (t: Words) => string) =>
  (['ko', 'en'] as const).map((lang) => `<${tag} lang="${lang}" class="${classes}">${of(lang === 'ko' ? ko : en)}</${tag}>`).join('')

const box = (classes: string) => `<div class="rounded-sm bg-sunken ${classes}"></div>`

const titled = (page: string, width: string, title: (t: Words) => string, rest: string) =>
  `<div data-for="${page}" class="mx-auto w-full ${width} px-4 py-8 md:px-8">${both('p', 'mb-6 text-title font-bold', title)}${rest}</div>`

// A field that takes what one writes already; typed.ts hands it to the app. Classes and room are the composer's.
const composer = (placeholder: (t: Words) => string) =>
  `<div class="rounded-xl border border-line-strong bg-raised shadow-lift focus-within:border-indigo">${(['ko', 'en'] as const)
    .map((lang) => {
      const t = lang === 'ko' ? ko : en
      return `<textarea lang="${lang}" rows="2" aria-label="${t.composer.label}" placeholder="${placeholder(t)}" class="block field-sizing-content max-h-[38dvh] min-h-16 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-lead outline-none"></textarea>`
    })
    .join('')}<div class="h-14"></div></div>`

const pages = [
  `<div data-for="home" class="mx-auto h-fit w-full max-w-3xl px-4 pt-8 pb-10 md:px-8 md:pt-[11vh]">
    ${both('p', 'text-display font-bold', (t) => t.home.title)}${both('p', 'mt-2 mb-7 text-lead text-ink-2', (t) => t.home.hint)}
    <div lang="ko" class="mb-4 h-31.5"></div><div lang="en" class="mb-4 h-36"></div>${composer((t) => t.composer.placeholder)}</div>`,
  `<div data-for="c" class="flex min-h-0 flex-1">
    <div class="flex min-w-0 flex-1 flex-col">
      <div class="flex h-15 flex-none items-center border-b border-line px-2 md:px-8"><span class="w-10 flex-none md:hidden"></span><p data-first="title" class="truncate text-lead font-semibold"></p></div>
      <div data-first="pictures" class="flex min-h-0 flex-1 flex-col overflow-hidden"></div>
      <div class="mx-auto w-full max-w-3xl flex-none px-3 pb-3 md:px-8 md:pb-6">${composer((t) => t.composer.placeholderMore)}</div>
    </div>
    <div class="hidden w-104 flex-none border-l border-line bg-paper xl:block"></div></div>`,
  `<div data-for="gallery" class="overflow-hidden px-4 pt-6 md:px-8"><div class="mb-4 flex min-h-9 items-center">${both('p', 'text-title font-bold', (t) => t.gallery.title)}</div>
    <div class="mb-4 flex flex-wrap items-center gap-2.5">${box('h-10 min-w-56 flex-1 md:max-w-xs')}${box('h-10 w-44')}${box('h-10 w-56')}${box('h-10 w-20')}</div>
    <div data-first="pictures"></div></div>`,
  `<div data-for="brands" class="mx-auto w-full max-w-5xl px-4 py-8 md:px-8">${both('p', 'text-title font-bold', (t) => t.brands.title)}${both('p', 'mt-1 mb-6 text-ink-2', (t) => t.brands.hint)}${box('h-40 rounded-lg')}</div>`,
  titled('usage', 'max-w-4xl', (t) => t.usage.title, box('h-64 rounded-lg')),
  titled('settings', 'max-w-2xl', (t) => t.settings.title, box('h-40 rounded-lg')),
  `<div data-for="missing" class="m-auto px-6 text-center">${both('p', 'text-lead font-semibold', (t) => t.common.notFound)}${both('p', 'mt-1 text-ink-2', (t) => t.common.notFoundHint)}</div>`,
]

const brand = '<span class="flex items-center gap-2.5 font-semibold tracking-tight"><img src="/icon.svg" alt="" width="24" height="24" />Image Chat</span>'

export const firstWords = `<div class="first">
  <div class="first-frame flex h-dvh">
    <div class="hidden w-72 flex-none border-r border-line bg-paper md:block"><div class="flex h-15 items-center px-5">${brand}</div></div>
    <div class="flex min-w-0 flex-1 flex-col bg-surface">
      <div class="first-bar flex h-[45px] flex-none items-center justify-center border-b border-line md:hidden">${brand}</div>
      ${pages.join('\n      ')}
    </div>
  </div>
  <div class="first-login grid h-dvh place-items-center bg-paper p-4"><div data-for="login" class="card w-full max-w-sm p-7 shadow-lift"><img src="/icon.svg" alt="" width="40" height="40" class="mb-5" />
    ${both('p', 'text-title font-bold', (t) => t.login.title)}${both('p', 'mt-1 mb-5 text-ink-2', (t) => t.login.hint)}${box('h-36')}</div></div>
</div>`

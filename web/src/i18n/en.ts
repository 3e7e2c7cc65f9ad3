import { inUnits } from '../text/format.ts'
import type { Words } from './ko.ts'

const plural = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

const wait = (s: number) => inUnits(s, ' h', ' min', ' s')

/** Complete English. */
export const en: Words = {
  common: {
    close: 'Close', cancel: 'Cancel', save: 'Save', undo: 'Undo', delete: 'Delete', retry: 'Try again', more: 'More', back: 'Back',
    copy: 'Copy', copied: 'Copied', loading: 'Loading', saved: 'Saved', search: 'Search', all: 'All', none: 'None', on: 'On', off: 'Off',
    loadFailed: 'This could not be loaded', loadFailedHint: 'Check the connection to the server, then try again.', skip: 'Skip to content', notices: 'Notices',
    notFound: 'Page not found', notFoundHint: 'The address may have changed, or the conversation was deleted.', goHome: 'Go to start',
    crashed: 'Something went wrong on this page', crashedHint: 'Your images are safe on the server. Reload to carry on.', reload: 'Reload',
  },
  nav: { label: 'Main menu', sessions: 'Conversations', newSession: 'New conversation', gallery: 'Gallery', brands: 'Brands', usage: 'Usage', settings: 'Settings', openMenu: 'Open menu', shortcuts: 'Shortcuts' },
  sessions: {
    search: 'Search conversations', clearSearch: 'Clear search', empty: 'No conversations yet', emptyHint: 'Describe an image and one begins.', noMatch: 'No conversation matches', emptyArchive: 'The archive is empty',
    active: 'Active', archived: 'Archive', rename: 'Rename', archive: 'Archive', unarchive: 'Unarchive', remove: 'Delete conversation', brand: 'Brand guidelines',
    renamed: 'Renamed', archivedToast: 'Moved to the archive', unarchivedToast: 'Moved back to conversations',
    deleted: (title) => `Deleted “${title}”`, actions: (title) => `Menu for “${title}”`, nameLabel: 'Conversation name', untitled: 'Untitled conversation', more: 'Show older conversations', images: (n) => plural(n, 'image'), noImages: 'No images yet',
    working: 'Working',
  },
  home: {
    title: 'What would you like to create?', hint: 'Select where it will be used, then describe the scene in your own words.', purposeLabel: 'Where will it be used?', more: (n) => `See all (${n})`, recent: 'Recent work', allPictures: 'See all in the gallery', tryThis: 'Try one of these',
    examples: {
      square: 'A photo of a yuja ade by the window, morning sun coming in',
      kakao: 'A fresh cherry blossom banner with the words “Spring sale”',
      naver: 'A hand-thrown ceramic mug on a warm beige background',
      story: 'A lighthouse by the sea at dusk, tall and narrow',
      banner: 'A banner for a new “Winter hot chocolate”, snowy mountains behind it',
      thumb: 'A pasta thumbnail with “5-minute recipe” in large letters',
    },
    demoTitle: 'You are looking at demo images',
    demoBody: 'There is no API key yet, so practice images are made on this computer.', demoFree: 'They cost nothing. The demo understands a few wishes only; everything else works.',
    demoHow: 'For real images, put this line into the .env file in the server’s folder and restart it.', demoClose: 'Got it', demoBadge: 'Demo',
  },
  composer: {
    label: 'The image to create, or what to change', placeholder: 'What image do you need?', placeholderEdit: 'What should change in this image?', placeholderMore: 'Carry on, or say what to change.',
    send: 'Send', stop: 'Stop', sendCost: (usd) => `Send, ${usd}`, attach: 'Add reference images', purpose: 'Purpose', style: 'Style', noStyle: 'No style', options: 'Options',
    optionsSummary: (count, size) => `${count} × ${size}`, count: 'Count', size: 'Size', model: 'Model', mode: 'Mode',
    modes: { converse: 'Auto', generate: 'Image', chat: 'Talk' },
    modeHints: { converse: 'The model decides whether to answer or create an image.', generate: 'Always creates an image.', chat: 'Talks without creating an image.' },
    editing: 'Editing this image', stopEditing: 'Stop editing', roles: { reference: 'Reference', product: 'Product', person: 'Person', style: 'Style', logo: 'Logo' }, roleOf: (n, role) => `Role of reference ${n}: ${role}`, removeReference: (n) => `Remove reference ${n}`, uploading: 'Uploading', reference: (n) => `Reference ${n}`,
    drop: 'Drop here to use as a reference', searchPurpose: 'Search purposes', overBudget: (left) => `This costs more than the ${left} left in the budget.`, noBudgetLeft: 'The budget is used up.', costHint: 'An estimate. The real cost is shown with the result.', free: 'Free', tooLong: (n) => `2,000 characters at most. Please shorten by ${n}.`,
    offlineQueued: 'Will be sent once you are back online', referenceLimit: (n) => `Up to ${plural(n, 'reference')}.`,
    uploadType: 'Only PNG, JPEG, WebP and GIF images can be added.', uploadSize: 'Up to 20 MB. Make the file smaller and add it again.', uploadFailed: 'The upload failed. Please add it again.',
    width: 'Width', height: 'Height', cropNote: (percent) => `About ${percent} is cropped to fit`,
    keyHint: 'Enter sends, Shift+Enter breaks the line',
  },
  loop: {
    editing: 'Editing this image', talking: 'Talking about this image', drop: 'Stop editing this image', anew: 'Creating a new image', pick: 'Click the image you want to edit',
    countHint: 'The count is for new images. Edits are made one at a time.', newer: 'There is a newer version', again: 'Create more', four: 'Four more', similar: 'Similar', different: 'Different',
    similarWish: 'Keep the scene and the mood, and make one more image much like this one.', differentWish: 'Make the same subject again with a completely different mood and composition.',
    downUnknown: 'The connection to the server is lost. Once it is back you will see what became of the image in progress.',
    thisLine: 'Versions of this image', otherPictures: 'Other images', unreachable: 'The image could not be loaded', unread: 'New reply',
    editSaid: 'Edit and send again', pageLost: 'This page could not be loaded', pageLostHint: 'It will load again once you are connected. What you wrote is still here.',
  },
  thread: {
    label: 'Conversation', you: 'You', assistant: 'Image Chat', older: 'Show earlier messages', newest: 'To the newest', unsent: 'Not sent yet', resend: 'Send again', sending: 'Sending',
    started: 'Started creating the image', finished: (n) => (n > 0 ? `Created ${plural(n, 'image')}` : 'The reply has arrived'), failed: 'It could not be made',
    picture: (n, of) => (of > 1 ? `Image ${n} of ${of}` : 'Image'), open: 'View large', took: (s) => `took ${s}`, brandOn: 'Brand guidelines on', brandNamed: (name) => `Following ‘${name}’`,
  },
  stage: {
    sending: 'Sending', queued: (n) => (n > 0 ? `${n} ahead of you` : 'Waiting for its turn'), thinking: 'Thinking', streaming: 'Writing', generating: 'Creating the image',
    retrying: (s) => (s > 0 ? `The model is busy. Trying again in ${wait(s)}` : 'Trying again'), saving: 'Saving the image', cancelled: 'Stopped',
    elapsed: (s) => `${s} s`, expected: (s) => `Usually takes about ${s} s`, longer: 'This is taking longer than usual. Still working.',
    cancel: 'Stop', cancelCost: 'It may cost money even if you stop now', cancelledHint: 'Your words are kept.',
  },
  failure: {
    words: 'What the model said', requestId: 'Error number', copyId: 'Copy error number', again: 'Try again', againFor: (price) => `Try again (about ${price})`, spent: (cost) => `This request cost about ${cost}.`, spentNothing: 'It cost nothing.', rephrase: 'Rephrase', takeBack: 'Back to the composer', otherModel: 'Use another model', openUsage: 'See usage', openSettings: 'Open settings',
    waitLeft: (s) => `You can try again in ${wait(s)}`,
    titles: {
      invalid_request: 'Please check what you sent', malformed_request: 'The request could not be read', unauthorized: 'Please sign in again', forbidden: 'This is not allowed', not_found: 'Not found',
      session_not_found: 'This conversation was not found', image_not_found: 'This image was not found', turn_not_found: 'This request was not found', conflict: 'Not possible right now', idempotency_mismatch: 'This message could not be sent',
      payload_too_large: 'The file is too large', unsupported_image: 'This image format does not work', invalid_image: 'The image could not be read', rate_limited: 'Too many requests for a moment', budget_exceeded: 'Not enough budget left',
      generator_not_configured: 'The image model is not set up yet', generator_rejected_key: 'The API key is not valid', model_unavailable: 'This model is not available', quota_exhausted: 'The quota for today is used up',
      generator_overloaded: 'The image model is busy', generator_timeout: 'It took too long', generator_protocol: 'The model’s answer was cut off', content_blocked: 'Blocked for safety reasons', no_image_returned: 'No image was returned this time',
      interrupted: 'Cut off when the server restarted', cancelled: 'Stopped', storage_full: 'The storage is full', storage_unavailable: 'Can’t connect to the storage', internal: 'Something went wrong on the server',
    },
    hints: {
      invalid_request: 'Correct the marked place and send again.', malformed_request: 'Reload the page and send again.', unauthorized: 'Sign in and carry on where you were.', forbidden: 'It belongs to someone else.', not_found: 'Check the address.',
      session_not_found: 'It may have been deleted.', image_not_found: 'It may have been deleted.', turn_not_found: 'Reload to see the latest state.', conflict: 'Reload to see the latest state.', idempotency_mismatch: 'Write it again and send.',
      payload_too_large: 'Up to 20 MB. Make it smaller and upload again.', unsupported_image: 'Upload it as PNG, JPEG, WebP or GIF.', invalid_image: 'The file may be damaged. Try another one.', rate_limited: 'Wait a little, then try again.', budget_exceeded: 'See the budget under Usage. Your words are kept.',
      generator_not_configured: 'Give the server a Gemini API key and it works right away.', generator_rejected_key: 'Check GEMINI_API_KEY on the server.', model_unavailable: 'Another model may do it.', quota_exhausted: 'It refills tomorrow. Another model may still work.',
      generator_overloaded: 'This attempt cost nothing. Try again in a little while.', generator_timeout: 'It may have cost money, so we didn’t retry automatically.', generator_protocol: 'It may have cost money, so we didn’t retry automatically.', content_blocked: 'Change the wording a little and try again.', no_image_returned: 'Describe what to draw a little more clearly.',
      interrupted: 'It may have cost money, so we didn’t retry automatically.', cancelled: 'Your words are kept.', storage_full: 'Please tell your administrator.', storage_unavailable: 'Try again in a little while.', internal: 'Try again in a little while. If it goes on, pass on the error number.',
    },
    network: 'Can’t connect to the server', networkHint: 'Check your connection. Your words are kept.',
  },
  line: {
    down: 'The connection is down. Reconnecting.', downWorking: 'The connection is down. Reconnecting. Images in progress keep going on the server.', back: 'Connected again', now: 'Connect now', ended: 'This conversation cannot be joined any more. Please reload.',
  },
  inspector: {
    label: 'Image details', empty: 'Select an image', emptyHint: 'Choose an image in the conversation to see its versions and details here.', versions: 'Versions', version: (n) => `Version ${n}`, from: (n) => `Made from version ${n}`, original: 'The first one',
    edit: 'Edit this image', compare: 'Compare', mark: 'Mark an area', zoom: 'View large', star: 'Star', unstar: 'Remove star', download: 'Download', exportAs: 'Export', asReference: 'Use as a reference', reuse: 'Reuse these settings', moreActions: 'Image menu',
    setFinal: 'Make it the final image', isFinal: 'This is the final image', finalToast: 'Set as the final image', details: 'Details', prompt: 'Prompt used', model: 'Model', cost: 'Cost', dimensions: 'Size', file: 'File', purpose: 'Purpose', style: 'Style', made: 'Created', provenance: 'Provenance', c2pa: 'Carries C2PA content credentials', noC2pa: 'No C2PA content credentials', response: 'Response',
    alt: 'Alt text', altHint: 'Read to people who cannot see the image.', altSave: 'Save alt text', openSession: 'Open in its conversation', copyPrompt: 'Copy prompt', sent: 'All that was sent to the model',
  },
  zoom: { title: 'View large', in: 'Zoom in', out: 'Zoom out', reset: 'Fit', previous: 'Previous image', next: 'Next image', of: (n, all) => `${n} / ${all}`, level: (p) => `${p}%` },
  compare: { title: 'Compare', slider: 'Slider', side: 'Side by side', handle: 'Move the divider', left: 'Left', right: 'Right', swap: 'Swap sides', pick: 'Image to compare', only: 'Comparing takes two images.', useLeft: 'Edit the left image', useRight: 'Edit the right image' },
  mark: {
    title: 'Mark an area', hint: 'Paint over what should change, or put a box around it.', rect: 'Box', brush: 'Brush', undo: 'Undo stroke', clear: 'Clear', what: 'What should change there?', send: 'Edit this area', width: 'Brush size',
    placeholder: 'For example: turn the cup into a glass', canvas: 'Marking area on the image. Arrow keys move the box, Shift with arrow keys resizes it.',
    wishMissing: 'Say what should change there.',
  },
  gallery: {
    title: 'Gallery', search: 'Search prompts', starred: 'Starred', purpose: 'Purpose', allPurposes: 'All purposes', date: 'Period', dates: { all: 'All', day: 'Today', week: '7 days', month: '30 days' }, empty: 'No images yet', emptyHint: 'Create the first one?', emptyAction: 'Create an image', noMatch: 'No image matches', noMatchHint: 'Try other words or filters.', clear: 'Clear filters',
    select: 'Select', selected: (n) => `${n} selected`, selectAll: 'Select all', clearSelection: 'Done selecting', zip: 'Download as ZIP', zipping: (n, all) => `Packing ${n} of ${all}`, zipFailed: 'Stopped: an image could not be downloaded', star: 'Star', open: 'Open', compare: 'Compare', select1: (prompt) => `Select: ${prompt}`, count: (n) => `${n} images`, label: 'Images',
    compareTwo: 'Select two images of one conversation to compare them', deleted: (n) => `Deleted ${plural(n, 'image')}`,
  },
  placement: {
    top: 'top', bottom: 'bottom', left: 'left', right: 'right', keepFree: (sides) => `The app may cover the ${sides}. Keep what matters in the middle.`,
    unverified: 'This size was confirmed in one place only; check the platform’s guide before you submit.', stale: 'This size was last checked more than 180 days ago.', checkedOn: (date) => `(Checked on ${date})`,
  },
  exporting: {
    c2pa: 'A cut file can’t keep the original’s C2PA signature. It says instead that AI made it (IPTC), and from which original. Download the original where you need the signature.', title: 'Export', hint: 'Select placements; each is fitted to its exact size. Drag the orange dot to what must stay in view.', focus: 'Focus', focusValue: (x, y) => `${x}% across, ${y}% down`, fit: 'Fit', cover: 'Fill', contain: 'Pad', format: 'Format', auto: 'Auto', chosen: (n) => `${plural(n, 'placement')} selected`,
    crop: (percent) => `${percent} is cut`, noCrop: 'Nothing is cut', upscaled: 'Larger than the original', max: (size) => `up to ${size}`, zip: 'Download ZIP', zipBusy: 'Preparing the files', all: 'Select all', clear: 'Clear all', done: (n) => `Downloaded ${plural(n, 'file')} as a ZIP`, one: 'Download this size only', search: 'Search placements', foundFocus: 'Auto focus', centreFocus: 'Centre', foundHint: 'Set for each placement on what stands out.',
    chosenOnly: 'Selected only', noneChosen: 'No placement is selected yet', noMatch: 'No matching placement', look: (name) => `Look at ${name} large`, allPlacements: 'All placements', fileOf: (name) => `Preview of the file for ${name}`, focusOf: (name) => `Focus of ${name}`, sharedFocus: 'Shared focus', ownHint: 'Dragging the dot changes this placement only.', chooseOne: 'Select this placement', leaveOne: 'Deselect',
    remake: 'Remake in this ratio', remakeFor: (price) => `Remake in this ratio (${price})`, remakeWish: (name, size) => `Recompose the same scene for ${name} (${size}), so that nothing important is cut off.`, remaking: (name) => `Creating it for ${name}. It will appear in the conversation.`, opaque: 'Background is not clear', faint: 'Hardly visible on its background',
    measuring: 'Measuring', bytes: (n) => `${n} bytes`, overLimit: (size) => `Can’t be kept under ${size}`, coarse: 'Quality lowered to fit', together: (size) => `${size} in all`, impossible: (n) => `${plural(n, 'placement')} can’t be made`, leaveOut: 'Leave out', unverified: 'unconfirmed size',
  },
  brand: { title: 'Brand guidelines', hint: 'Sent along with every image made in this conversation.', name: 'Brand name', about: 'What does the brand stand for?', aboutHint: 'What does it sell, and how should it feel?', colors: 'Colours', colorName: 'Colour name', color: 'Colour', addColor: 'Add colour', removeColor: (name) => `Remove ${name || 'colour'}`, typography: 'Typography', typographyHint: 'For example: clear sans serif, bold headings', tone: 'Tone and mood', toneHint: 'For example: warm and plain', do: 'Do', dont: 'Don’t', ruleHint: 'One rule a line', kit: 'Brand kit', chip: 'Brand', hex: 'HEX colour code', noKit: 'None', fill: 'Copy and change it for this conversation', kitHint: 'This conversation follows the kit as it is. Changes to the kit reach it at once.', fillHint: 'With a kit, its colours, logo and tone go along with every image.', ownTitle: 'Extra guidelines for this conversation', manage: 'Manage kits', save: 'Save guidelines', saved: 'Brand guidelines saved', clear: 'Clear all' },
  brands: {
    title: 'Brand kits', hint: 'Write a brand down once, and use it in any conversation.', add: 'New brand', empty: 'No brand kits yet', emptyHint: 'With colours, typography and tone written down, every image looks like the brand.', noWords: 'No description yet',
    newTitle: 'New brand kit', editTitle: 'Edit brand kit', formHint: 'Sent along with every image of the conversations that follow this kit.', saved: 'Brand kit saved', edit: 'Edit', remove: 'Delete', actions: (name) => `Menu of the kit “${name}”`,
    makeDefault: 'Use for new conversations', dropDefault: 'No longer the default', isDefault: 'Default', defaultToast: (name) => `New conversations start with “${name}”`, noDefaultToast: 'New conversations start without a kit', deleted: (name) => `Deleted the kit “${name}”`,
    logo: 'Logo', svgFailed: 'This SVG can’t be drawn. Save it as a PNG and upload that; a clear background stays clear.', addLogo: 'Upload a logo', changeLogo: 'Change', removeLogo: 'Remove logo', logoOf: (name) => (name ? `Logo of ${name}` : 'Logo'),
  },
  usage: {
    title: 'Usage', spent: 'Spent', images: 'Images', tokens: 'Tokens', turns: 'Requests', byDay: 'By day', bySession: 'By conversation', budget: 'Daily budget', noBudget: 'No daily budget is set', noBudgetHint: 'DAILY_BUDGET_USD on the server caps what a day may cost.', budgetLeft: (left) => `${left} left`, budgetOver: 'The budget is used up', since: (date) => `since ${date}`, empty: 'Nothing used yet', emptyHint: 'Costs appear here once you create images.', estimate: 'Requests that were cut off count with their estimated cost.', sessionBudget: (usd) => `Up to ${usd} per conversation`, day: 'Day', conversation: 'Conversation', last24: 'Last 24 hours',
  },
  settings: {
    title: 'Settings', look: 'Appearance', language: 'Language', theme: 'Theme', themes: { system: 'System', light: 'Light', dark: 'Dark' }, making: 'Creating', purpose: 'Default purpose', enter: 'Send with', enters: { enter: 'Enter', 'ctrl-enter': 'Ctrl+Enter' }, notify: 'Notify when done', notifyHint: 'When you are looking at another window.', notifyRefused: 'The browser blocks notifications. Allow them in its settings of this site.', keys: 'Shortcuts', keysOn: 'Use shortcuts', keysHint: 'Esc always works.', showKeys: 'Show all shortcuts', about: 'About', version: 'Version', generator: 'Image model', model: 'Model', state: 'State', warnings: 'Problems the server reports', warned: 'Needs attention', healthy: 'Working', unhealthy: 'Has a problem', demo: 'Demo (made on this computer)', gemini: 'Gemini', environment: 'Environment', apiDocs: 'API documentation', logout: 'Sign out', remember: 'The one used last', font: 'The Pretendard typeface is under the SIL Open Font License 1.1.',
  },
  login: { title: 'Sign in', hint: 'Enter the access token you were given.', token: 'Access token', submit: 'Sign in', wrong: 'That token is not right. Please check it.', busy: 'Too many tries. Wait a moment, then try again.' },
  palette: { title: 'Command palette', placeholder: 'Do something, or find a conversation', actions: 'Actions', theme: (name) => `Theme: ${name}`, exportPicture: 'Export the current image', found: (n) => `${n} found`, nothing: 'Nothing found' },
  shortcuts: {
    title: 'Shortcuts', general: 'Everywhere', conversation: 'Conversation', pictures: 'Large view', gallery: 'Gallery',
    rows: { palette: 'Command palette', newSession: 'New conversation', search: 'Search conversations', sheet: 'Show shortcuts', send: 'Send', newline: 'New line', stop: 'Stop or close', editLast: 'Rewrite the last message', prevNext: 'Previous, next image', zoom: 'Zoom in, out, fit', compare: 'Compare', star: 'Star', download: 'Download', reuse: 'Reuse settings', move: 'Move around', select: 'Select', selectAll: 'Select all', open: 'Open', zoomOpen: 'View large' },
  },
}

/** The text that a first version of a sequence begins as: short, valid, and to be changed. */
export const BEGINNING = `name: welcome
version: 1
description: Two short e-mails after a sign-up.
window: {days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "17:00"}
steps:
  - send: email
    subject: Welcome
    text: |
      Hello {{firstName|there}},

      what is the first thing that you would like to get done?
  - wait: {days: 3}
  - send: email
    subject: One question
    text: |
      Hello {{firstName|there}}, did it work?
`;

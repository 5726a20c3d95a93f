/** In place of ejs, through which oclif has every line of its help, for the few that have something to be put in. */
exports.render = (text, data) => (text.includes('<%') ? require('ejs').render(text, data) : text);

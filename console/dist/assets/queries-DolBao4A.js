
var e=[`ops`,`sources`];export{e as t};
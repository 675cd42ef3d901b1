<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="pt">
<context>
    <name>UHRS</name>
    <message>
        <source>Accuracy</source>
        <translation>Acurácia</translation>
    </message>
    <message>
        <source>accuracy assessment,confusion matrix,error matrix,validation,kappa,f1,iou,user's accuracy,producer's accuracy,area estimation,olofsson,ground truth,reference,quality,report</source>
        <translation>avaliação da acurácia,matriz de confusão,matriz de erros,validação,kappa,F1,IoU,acurácia do usuário,acurácia do produtor,estimativa de áreas,Olofsson,verdade de campo,referência,qualidade,relatório</translation>
    </message>
    <message>
        <source>Compares a class map with a reference and tells how right it is: confusion matrix; overall, user's and producer's accuracy, F1 and IoU with 95 % intervals; and the area of each class corrected for the map's errors. The reference is a layer of points or polygons, or another class raster. Points of 'Sample points' carry their strata, which the estimates use; judge them in the review panel first.</source>
        <translation>Compara um mapa de classes com uma referência e diz quão certo ele é: matriz de confusão; acurácia global, do usuário e do produtor, F1 e IoU com intervalos de 95 %; e a área de cada classe corrigida pelos erros do mapa. A referência é uma camada de pontos ou polígonos, ou outro raster de classes. Os pontos de 'Pontos de amostragem' trazem seus estratos, que as estimativas usam; julgue-os antes no painel de revisão.</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Classes</translation>
    </message>
    <message>
        <source>The class raster to judge: one band of numbers from 0 to 255.</source>
        <translation>O raster de classes a julgar: uma banda de números de 0 a 255.</translation>
    </message>
    <message>
        <source>Reference points or polygons</source>
        <translation>Pontos ou polígonos de referência</translation>
    </message>
    <message>
        <source>Places whose class is known, in any coordinate system: points of 'Sample points' that were judged, or any points or polygons with a field for the class. Either this or a reference raster.</source>
        <translation>Lugares cuja classe é conhecida, em qualquer sistema de coordenadas: pontos de 'Pontos de amostragem' que foram julgados, ou quaisquer pontos ou polígonos com um campo para a classe. Ou isto, ou um raster de referência.</translation>
    </message>
    <message>
        <source>Field of the class</source>
        <translation>Campo da classe</translation>
    </message>
    <message>
        <source>The field that names the class of a place, by name or by number; left empty, the judgements of the review panel count: 'right' is the class that was shown, 'wrong' the class that was chosen.</source>
        <translation>O campo que indica a classe de um lugar, por nome ou por número; se ficar vazio, contam os julgamentos do painel de revisão: 'right' é a classe que foi mostrada, 'wrong' a classe que foi escolhida.</translation>
    </message>
    <message>
        <source>Reference raster, instead</source>
        <translation>Raster de referência, em vez disso</translation>
    </message>
    <message>
        <source>A class raster that counts as true, on any grid and in any coordinate system; it is read at the centre of each pixel of the classes.</source>
        <translation>Um raster de classes tido como verdadeiro, em qualquer grade e em qualquer sistema de coordenadas; ele é lido no centro de cada pixel das classes.</translation>
    </message>
    <message>
        <source>Other names in the reference</source>
        <translation>Outros nomes na referência</translation>
    </message>
    <message>
        <source>Which class of the map a class of the reference is, where the names differ: 'roof=building; pool=*; shadow='. A star keeps a class of its own that the map never has, nothing leaves the class out.</source>
        <translation>Que classe do mapa é uma classe da referência, quando os nomes diferem: 'roof=building; pool=*; shadow='. Um asterisco mantém uma classe própria que o mapa nunca tem; nada exclui a classe.</translation>
    </message>
    <message>
        <source>Block of the bootstrap, in pixels (default: by the size of the raster)</source>
        <translation>Bloco do bootstrap, em pixels (padrão: pelo tamanho do raster)</translation>
    </message>
    <message>
        <source>With a reference raster, intervals come from drawing square blocks of this side with replacement, for neighbouring pixels resemble each other; choose it larger than the largest things in the map.</source>
        <translation>Com um raster de referência, os intervalos vêm do sorteio de blocos quadrados deste lado com reposição, pois pixels vizinhos se parecem; escolha-o maior que as maiores coisas do mapa.</translation>
    </message>
    <message>
        <source>The table to write, one row a figure: figure, class (number), name, value, error (standard error), low and high (ends of the 95 % interval), unit.</source>
        <translation>A tabela a gravar, uma linha por valor: figure, class (número), name, value, error (erro padrão), low e high (extremos do intervalo de 95 %), unit.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Relatório</translation>
    </message>
    <message>
        <source>The report to write, with matrix and bars, one file that needs nothing else (HTML).</source>
        <translation>O relatório a gravar, com matriz e barras, um arquivo que não precisa de mais nada (HTML).</translation>
    </message>
    <message>
        <source>Confusion matrix</source>
        <translation>Matriz de confusão</translation>
    </message>
    <message>
        <source>The confusion matrix to write: a row for each class of the map, a column for each of the reference (CSV).</source>
        <translation>A matriz de confusão a gravar: uma linha para cada classe do mapa, uma coluna para cada uma da referência (CSV).</translation>
    </message>
    <message>
        <source>Everything, for programs</source>
        <translation>Tudo, para programas</translation>
    </message>
    <message>
        <source>All figures, the matrix, the facts and the warnings in one file (JSON).</source>
        <translation>Todos os valores, a matriz, os fatos e os avisos em um arquivo (JSON).</translation>
    </message>
    <message>
        <source>Overall accuracy</source>
        <translation>Acurácia global</translation>
    </message>
    <message>
        <source>The share of the area that is right, 0 to 1.</source>
        <translation>A proporção da área que está certa, de 0 a 1.</translation>
    </message>
    <message>
        <source>Kappa</source>
        <translation>Kappa</translation>
    </message>
    <message>
        <source>Cohen's kappa, for those who ask for it.</source>
        <translation>O kappa de Cohen, para quem o pede.</translation>
    </message>
    <message>
        <source>HTML files (*.html)</source>
        <translation>Arquivos HTML (*.html)</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>Arquivos CSV (*.csv)</translation>
    </message>
    <message>
        <source>JSON files (*.json)</source>
        <translation>Arquivos JSON (*.json)</translation>
    </message>
    <message>
        <source>Accuracy of {}</source>
        <translation>Acurácia de {}</translation>
    </message>
    <message>
        <source>Compare results</source>
        <translation>Comparar resultados</translation>
    </message>
    <message>
        <source>change detection,difference,comparison,transition,cross tabulation,from-to,two dates,two models,land cover</source>
        <translation>detecção de mudanças,diferença,comparação,transição,tabulação cruzada,de-para,duas datas,dois modelos,cobertura do solo</translation>
    </message>
    <message>
        <source>Compares two class maps of one place, such as two dates, two models or two settings, on the same or on different grids: which classes became which, how much, and where. With the uncertainties of both runs, changes that one of the maps was unsure of are set apart: most of these are no changes.</source>
        <translation>Compara dois mapas de classes de um mesmo lugar, por exemplo de duas datas, dois modelos ou duas configurações, na mesma grade ou em grades diferentes: que classes passaram a quais, quanto e onde. Com as incertezas das duas execuções, as mudanças de que um dos mapas estava incerto são contadas à parte: a maioria delas não é mudança.</translation>
    </message>
    <message>
        <source>Classes before</source>
        <translation>Classes antes</translation>
    </message>
    <message>
        <source>The first class raster; its grid counts.</source>
        <translation>O primeiro raster de classes; é a grade dele que conta.</translation>
    </message>
    <message>
        <source>Classes after</source>
        <translation>Classes depois</translation>
    </message>
    <message>
        <source>The second class raster, on any grid and in any coordinate system; it is read at the centre of each pixel of the first.</source>
        <translation>O segundo raster de classes, em qualquer grade e em qualquer sistema de coordenadas; ele é lido no centro de cada pixel do primeiro.</translation>
    </message>
    <message>
        <source>Uncertainty before</source>
        <translation>Incerteza antes</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the first classes.</source>
        <translation>O raster de incerteza que foi gravado junto com as primeiras classes.</translation>
    </message>
    <message>
        <source>Uncertainty after</source>
        <translation>Incerteza depois</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the second classes.</source>
        <translation>O raster de incerteza que foi gravado junto com as segundas classes.</translation>
    </message>
    <message>
        <source>Unsure from this uncertainty</source>
        <translation>Incerto a partir desta incerteza</translation>
    </message>
    <message>
        <source>A change counts as unsure when the final uncertainty, 0 (sure) to 1, of one of the maps reaches this number.</source>
        <translation>Uma mudança conta como incerta quando a incerteza final, de 0 (certo) a 1, de um dos mapas atinge este número.</translation>
    </message>
    <message>
        <source>Other names in the second map</source>
        <translation>Outros nomes no segundo mapa</translation>
    </message>
    <message>
        <source>Which class of the first map a class of the second is, where the names differ: 'roof=building; shadow='. Nothing leaves the class out; classes that are not named and have no match are classes of their own.</source>
        <translation>Que classe do primeiro mapa é uma classe do segundo, quando os nomes diferem: 'roof=building; shadow='. Nada exclui a classe; classes não citadas e sem correspondência são classes próprias.</translation>
    </message>
    <message>
        <source>The raster tells</source>
        <translation>O raster diz</translation>
    </message>
    <message>
        <source>Either from which class to which (at most 253 pairs), or only where both differ.</source>
        <translation>Ou transitions, de que classe a qual (no máximo 253 pares), ou differs, só onde os dois diferem.</translation>
    </message>
    <message>
        <source>Smallest change polygon, in square metres (default: 100 pixels)</source>
        <translation>Menor polígono de mudança, em metros quadrados (padrão: 100 pixels)</translation>
    </message>
    <message>
        <source>Smaller polygons become part of their neighbour; in pixels where the raster has no ground.</source>
        <translation>Polígonos menores passam ao vizinho; em pixels, se o raster não tem posição no terreno.</translation>
    </message>
    <message>
        <source>Changes by class</source>
        <translation>Mudanças por classe</translation>
    </message>
    <message>
        <source>The table to write, one row for each pair of classes that occurs: before and after (numbers and names), pixels, area, unit, share of the whole, unsure_share (of the pair's area), and code (number in the raster).</source>
        <translation>A tabela a gravar, uma linha para cada par de classes que ocorre: antes e depois (números e nomes), pixels, area, unit, share do todo, unsure_share (da área do par) e code (número no raster).</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Mudanças</translation>
    </message>
    <message>
        <source>The raster to write: 0 where both have the same class, else the number of the pair, and 254 where they differ but one of the maps is unsure.</source>
        <translation>O raster a gravar: 0 onde ambos têm a mesma classe, senão o número do par, e 254 onde diferem mas um dos mapas está incerto.</translation>
    </message>
    <message>
        <source>Change polygons</source>
        <translation>Polígonos de mudança</translation>
    </message>
    <message>
        <source>What changed, as polygons with their pair of classes and area (GeoPackage or FlatGeobuf); unsure changes are left out.</source>
        <translation>O que mudou, como polígonos com seu par de classes e sua área (GeoPackage ou FlatGeobuf); mudanças incertas são omitidas.</translation>
    </message>
    <message>
        <source>All pairs, the classes, the facts and the warnings in one file (JSON).</source>
        <translation>Todos os pares, as classes, os fatos e os avisos em um arquivo (JSON).</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Mudado</translation>
    </message>
    <message>
        <source>The share of the area that differs, 0 to 1.</source>
        <translation>A proporção da área que difere, de 0 a 1.</translation>
    </message>
    <message>
        <source>Sample points</source>
        <translation>Pontos de amostragem</translation>
    </message>
    <message>
        <source>sampling,random points,stratified,validation,ground truth,accuracy assessment,reference,probability sample,allocation,quality</source>
        <translation>amostragem,pontos aleatórios,estratificado,validação,verdade de campo,avaliação da acurácia,referência,amostra probabilística,alocação,qualidade</translation>
    </message>
    <message>
        <source>Draws random points from a class map: judge them one by one in the review panel, and 'Accuracy' tells how right the map is and how large the classes are in truth. Points carry their stratum and its size, so that 'Accuracy' knows how they were drawn. They lie in the centres of pixels with a class, each pixel at most once.</source>
        <translation>Sorteia pontos de um mapa de classes: julgue-os um a um no painel de revisão, e 'Acurácia' diz quão certo o mapa é e qual é a área verdadeira das classes. Os pontos trazem seu estrato e o tamanho dele, de modo que 'Acurácia' sabe como foram sorteados. Eles ficam no centro de pixels com classe, cada pixel no máximo uma vez.</translation>
    </message>
    <message>
        <source>The class raster to judge, as 'Segment raster' writes it.</source>
        <translation>O raster de classes a julgar, como o 'Segmentar raster' o grava.</translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation>Incerteza</translation>
    </message>
    <message>
        <source>The uncertainty raster of the same run: for strata of uncertainty, for optimal shares, and to show at each point.</source>
        <translation>O raster de incerteza da mesma execução: para estratos de incerteza, para proporções ótimas e para mostrar em cada ponto.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 1, U)</source>
        <translation>Banda da incerteza (padrão: 1, U)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 1, that of the coarse view (U), or 2, the final one.</source>
        <translation>Qual incerteza conta: 1, a da visão grosseira (U), ou 2, a final.</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Pontos</translation>
    </message>
    <message>
        <source>How many points to draw: with 200 the overall accuracy is known to about 5 per cent, with 800 to 2.5.</source>
        <translation>Quantos pontos sortear: com 200 a acurácia global é conhecida com cerca de 5 por cento, com 800 com 2,5.</translation>
    </message>
    <message>
        <source>Drawn from</source>
        <translation>Sorteados de</translation>
    </message>
    <message>
        <source>What points are drawn from one by one: each class of the map; levels of uncertainty (the surest half of the area, and ever smaller parts of the rest); or none, the whole map.</source>
        <translation>De que os pontos são sorteados um a um: class, de cada classe do mapa; uncertainty, de níveis de incerteza (a metade mais certa da área e partes cada vez menores do resto); ou none, do mapa inteiro.</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Proporções</translation>
    </message>
    <message>
        <source>How the points are shared: proportional to the area, best for the overall accuracy; equal, best for the accuracy of each class; optimal, by area and expected errors.</source>
        <translation>Como os pontos são divididos: proportional, pela área, o melhor para a acurácia global; equal, o mesmo número em cada uma, o melhor para a acurácia de cada classe; optimal, pela área e pelos erros esperados.</translation>
    </message>
    <message>
        <source>Least number in each</source>
        <translation>Mínimo em cada uma</translation>
    </message>
    <message>
        <source>Every class or level gets at least so many points, as far as it has pixels: rare classes would get none else.</source>
        <translation>Cada classe ou nível recebe pelo menos este número de pontos, na medida em que tem pixels: do contrário, classes raras não teriam nenhum.</translation>
    </message>
    <message>
        <source>Expected accuracies, for optimal shares</source>
        <translation>Acurácias esperadas, para proporções ótimas</translation>
    </message>
    <message>
        <source>How right each class is thought to be, from 0 to 1, such as 'road=0.7; building=0.9'; what is left out is taken from the mean uncertainty.</source>
        <translation>Quão certa se supõe cada classe, de 0 a 1, por exemplo 'road=0.7; building=0.9'; o que falta é tirado da incerteza média.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Semente</translation>
    </message>
    <message>
        <source>The same number draws the same points from the same raster; another one draws others.</source>
        <translation>O mesmo número sorteia os mesmos pontos do mesmo raster; outro sorteia outros.</translation>
    </message>
    <message>
        <source>Do not tell the map's class</source>
        <translation>Não revelar a classe do mapa</translation>
    </message>
    <message>
        <source>Points hide the class of the map, so that it does not sway who judges them: then each is judged by the key of its class, and hide the layer of the classes too.</source>
        <translation>Os pontos escondem a classe do mapa, para que ela não influencie quem os julga: então cada um é julgado pela tecla de sua classe; oculte também a camada das classes.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a point, in random order, with rank, mean_u (uncertainty, 0 to 1), class, stratum with its name, pixels and area, and status ('open'); choose a GeoPackage to keep the judgements.</source>
        <translation>A camada a gravar, uma feição por ponto, em ordem aleatória, com rank, mean_u (incerteza, de 0 a 1), class, o estrato com nome, pixels e área, e status ('open'); escolha um GeoPackage para guardar os julgamentos.</translation>
    </message>
    <message>
        <source>How many points were drawn.</source>
        <translation>Quantos pontos foram sorteados.</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>Segmentação</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>Revisão</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Ajuda</translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation>Cancelado: nada foi gravado.</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parâmetros</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Saídas</translation>
    </message>
    <message>
        <source>'{}' is no GeoTIFF by its name: end the name of {} with .tif or .tiff.</source>
        <translation>'{}' não é um GeoTIFF pelo nome: termine o nome de {} com .tif ou .tiff.</translation>
    </message>
    <message>
        <source>The algorithm was not prepared: run it through Processing.</source>
        <translation>O algoritmo não foi preparado: execute-o pelo Processamento.</translation>
    </message>
    <message>
        <source>Raster from a basemap</source>
        <translation>Raster a partir de um mapa base</translation>
    </message>
    <message>
        <source>basemap,xyz,tiles,wms,wmts,web map,imagery,download,satellite,aerial</source>
        <translation>mapa base,basemap,xyz,mosaicos,wms,wmts,mapa web,imagens,descarregar,satélite,aérea</translation>
    </message>
    <message>
        <source>Reads a part of a basemap (XYZ tiles, WMS, WMTS) at a chosen pixel size into a GeoTIFF, which can then be segmented. Whether the imagery may be stored and analysed is decided by the terms of its service: look them up first. The attribution of the layer is written into the file.</source>
        <translation>Lê uma parte de um mapa base (mosaicos XYZ, WMS, WMTS) com um tamanho de pixel escolhido para um GeoTIFF, que depois pode ser segmentado. As condições do serviço decidem se as imagens podem ser guardadas e analisadas: consulte-as primeiro. A atribuição da camada é escrita no ficheiro.</translation>
    </message>
    <message>
        <source>Basemap</source>
        <translation>Mapa base</translation>
    </message>
    <message>
        <source>A layer that a service draws: XYZ tiles, WMS or WMTS.</source>
        <translation>Uma camada desenhada por um serviço: mosaicos XYZ, WMS ou WMTS.</translation>
    </message>
    <message>
        <source>Extent</source>
        <translation>Extensão</translation>
    </message>
    <message>
        <source>The part to read; an extent in another coordinate system is transformed.</source>
        <translation>A parte a ler; uma extensão noutro sistema de coordenadas é transformada.</translation>
    </message>
    <message>
        <source>Pixel size in metres</source>
        <translation>Tamanho do pixel em metros</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground. Where the service has zoom levels, the pixels of the nearest one are taken as they are.</source>
        <translation>O lado de um pixel no terreno. Se o serviço tem níveis de zoom, os pixels do mais próximo são usados tal como são.</translation>
    </message>
    <message>
        <source>Most tiles</source>
        <translation>Máximo de mosaicos</translation>
    </message>
    <message>
        <source>The run does not begin where it would ask the service for more tiles than this.</source>
        <translation>A execução não começa se pedisse ao serviço mais mosaicos.</translation>
    </message>
    <message>
        <source>Raster</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>The raster to write: red, green, blue, and alpha, which is 0 where no tile came (GeoTIFF).</source>
        <translation>O raster a escrever: vermelho, verde, azul e alfa, que é 0 onde não chegou nenhum mosaico (GeoTIFF).</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>Mosaicos</translation>
    </message>
    <message>
        <source>Tiles that were read.</source>
        <translation>Mosaicos que foram lidos.</translation>
    </message>
    <message>
        <source>Missing tiles</source>
        <translation>Mosaicos em falta</translation>
    </message>
    <message>
        <source>Tiles that did not come, or are empty: they are no data.</source>
        <translation>Mosaicos que não chegaram ou estão vazios: ficam sem dados.</translation>
    </message>
    <message>
        <source>Pixel size</source>
        <translation>Tamanho do pixel</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground in metres, as it was read.</source>
        <translation>O lado de um pixel no terreno em metros, tal como foi lido.</translation>
    </message>
    <message>
        <source>{} of {} tiles did not come or are empty, and are no data. {}</source>
        <translation>{} de {} mosaicos não chegaram ou estão vazios, e ficam sem dados. {}</translation>
    </message>
    <message>
        <source>The layer names no attribution: look up the terms of its service before you use the imagery.</source>
        <translation>A camada não indica nenhuma atribuição: consulte as condições do seu serviço antes de usar as imagens.</translation>
    </message>
    <message>
        <source>{} x {} pixels of {} m: {} tiles are asked for.</source>
        <translation>{} x {} pixels de {} m: são pedidos {} mosaicos.</translation>
    </message>
    <message>
        <source>The service has no zoom level near {} m: pixels of {} m are read.</source>
        <translation>O serviço não tem um nível de zoom perto de {} m: são lidos pixels de {} m.</translation>
    </message>
    <message>
        <source>Attribution: {}</source>
        <translation>Atribuição: {}</translation>
    </message>
    <message>
        <source>Class areas</source>
        <translation>Áreas das classes</translation>
    </message>
    <message>
        <source>land cover,area,share,statistics,zonal,histogram,unique values,hectares,uncertainty,report,classification</source>
        <translation>cobertura do solo,área,proporção,estatísticas,zonal,histograma,valores únicos,hectares,incerteza,relatório,classificação</translation>
    </message>
    <message>
        <source>Measures the area and the share of each class of a class raster, over the whole and inside each polygon of an optional layer, with the part that is uncertain. Areas are those on the ground, on the ellipsoid of the raster's coordinate reference system (in the plane of the map where the project measures planimetrically), in the project's unit. The result is a table, and a report with bars for reading and printing.</source>
        <translation>Mede a área e a proporção de cada classe de um raster de classes, no todo e dentro de cada polígono de uma camada opcional, com a parte que é incerta. As áreas são as do terreno, sobre o elipsoide do sistema de referência de coordenadas do raster (no plano do mapa, se o projeto mede de forma planimétrica), na unidade do projeto. O resultado é uma tabela e um relatório com barras, para ler e imprimir.</translation>
    </message>
    <message>
        <source>A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.</source>
        <translation>Um raster de classes como o 'Segmentar raster' o grava: uma banda de números de 0 a 255.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, nothing is said about uncertainty.</source>
        <translation>O raster de incerteza que foi gravado junto com as classes; se ficar vazio, nada se diz sobre a incerteza.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 2, the final one)</source>
        <translation>Banda da incerteza (padrão: 2, a final)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 2, the final one, after refining; or 1, that of the coarse view (U).</source>
        <translation>Qual incerteza conta: 2, a final, depois do refinamento; ou 1, a da visão grosseira (U).</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Um pixel conta como incerto quando sua incerteza, de 0 (certo) a 1, atinge este número.</translation>
    </message>
    <message>
        <source>Zones</source>
        <translation>Zonas</translation>
    </message>
    <message>
        <source>Polygons to measure apart, in any coordinate system; a pixel belongs to the polygons that hold its centre.</source>
        <translation>Polígonos medidos separadamente, em qualquer sistema de coordenadas; um pixel pertence aos polígonos que contêm seu centro.</translation>
    </message>
    <message>
        <source>Field that names the zones</source>
        <translation>Campo que dá nome às zonas</translation>
    </message>
    <message>
        <source>The field whose value names a zone in table and report; left empty, the feature's id.</source>
        <translation>O campo cujo valor dá nome a uma zona na tabela e no relatório; se ficar vazio, o ID da feição.</translation>
    </message>
    <message>
        <source>The table to write, one row a class for the whole raster and for each zone: zone, class (number), name, pixels, area, unit, share and unsure_share (both 0 to 1).</source>
        <translation>A tabela a gravar, uma linha por classe para todo o raster e para cada zona: zone, class (número), name, pixels, area, unit, share e unsure_share (ambos de 0 a 1).</translation>
    </message>
    <message>
        <source>The report to write, one file that needs nothing else (HTML).</source>
        <translation>O relatório a gravar, um arquivo que não precisa de mais nada (HTML).</translation>
    </message>
    <message>
        <source>Clean classes</source>
        <translation>Limpar classes</translation>
    </message>
    <message>
        <source>sieve,majority,mode,filter,specks,noise,salt and pepper,smooth,regularize,land cover,classification</source>
        <translation>crivo,maioria,moda,filtro,manchas,ruído,sal e pimenta,suavizar,regularizar,cobertura do solo,classificação</translation>
    </message>
    <message>
        <source>Removes specks from a class raster: patches that are too small become part of the neighbour with the longest border. Before, each pixel can get the most frequent class around it, which smooths ragged borders. Palette, class names and grid stay, and so do pixels without data.</source>
        <translation>Remove manchas de um raster de classes: manchas pequenas demais passam ao vizinho com a borda comum mais longa. Antes, cada pixel pode receber a classe mais frequente ao seu redor, o que suaviza bordas irregulares. Paleta, nomes das classes e grade permanecem, assim como os pixels sem dados.</translation>
    </message>
    <message>
        <source>Smallest patch, in square metres (default: 100 pixels)</source>
        <translation>Menor mancha, em metros quadrados (padrão: 100 pixels)</translation>
    </message>
    <message>
        <source>Smaller ones become part of the neighbour with the longest border; 0 keeps all. Pixels where the raster has no coordinate reference system.</source>
        <translation>As menores passam ao vizinho com a borda comum mais longa; 0 mantém todas. Em pixels, se o raster não tem sistema de referência de coordenadas.</translation>
    </message>
    <message>
        <source>Square of the majority, in pixels (0: none)</source>
        <translation>Quadrado da maioria, em pixels (0: nenhum)</translation>
    </message>
    <message>
        <source>Side of the square around each pixel whose most frequent class it gets: an odd number from 3.</source>
        <translation>Lado do quadrado ao redor de cada pixel, cuja classe mais frequente ele recebe: um número ímpar a partir de 3.</translation>
    </message>
    <message>
        <source>Cleaned classes</source>
        <translation>Classes limpas</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the one that is read is left as it is.</source>
        <translation>O raster de classes a gravar (GeoTIFF); o que é lido fica como está.</translation>
    </message>
    <message>
        <source>Changed pixels</source>
        <translation>Pixels alterados</translation>
    </message>
    <message>
        <source>How many pixels have another class now.</source>
        <translation>Quantos pixels têm agora outra classe.</translation>
    </message>
    <message>
        <source>Patches</source>
        <translation>Manchas</translation>
    </message>
    <message>
        <source>How many patches of one class are left.</source>
        <translation>Quantas manchas de uma só classe restam.</translation>
    </message>
    <message>
        <source>Class polygons</source>
        <translation>Polígonos das classes</translation>
    </message>
    <message>
        <source>polygonize,vectorize,vector,outline,buildings,roofs,footprints,roads,land cover,classification,generalize,simplify,smooth,sieve,geopackage,flatgeobuf</source>
        <translation>poligonizar,vetorizar,vetor,contorno,edificações,telhados,projeções,estradas,cobertura do solo,classificação,generalizar,simplificar,suavizar,crivo,GeoPackage,FlatGeobuf</translation>
    </message>
    <message>
        <source>Outlines the classes of a class raster as polygons with name, area on the ground and uncertainty. Neighbours share their borders, so that there are neither gaps nor slivers; specks become part of the neighbour with the longest border, and nothing of the raster gets lost. Rasters may have any size.</source>
        <translation>Delimita as classes de um raster de classes como polígonos com nome, área no terreno e incerteza. Vizinhos compartilham suas bordas, de modo que não há vazios nem lascas; manchas passam ao vizinho com a borda comum mais longa, e nada do raster se perde. Os rasters podem ter qualquer tamanho.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, the fields about it stay empty.</source>
        <translation>O raster de incerteza que foi gravado junto com as classes; se ficar vazio, os campos sobre ela ficam vazios.</translation>
    </message>
    <message>
        <source>Classes to outline (default: all)</source>
        <translation>Classes a delimitar (padrão: todas)</translation>
    </message>
    <message>
        <source>Names or numbers of classes, separated by commas: 'building, road'; the others are left out.</source>
        <translation>Nomes ou números de classes, separados por vírgulas: 'building, road'; as outras são omitidas.</translation>
    </message>
    <message>
        <source>Smallest polygon, in square metres (default: 100 pixels)</source>
        <translation>Menor polígono, em metros quadrados (padrão: 100 pixels)</translation>
    </message>
    <message>
        <source>Smallest hole, in square metres (default: as the smallest polygon)</source>
        <translation>Menor buraco, em metros quadrados (padrão: como o menor polígono)</translation>
    </message>
    <message>
        <source>Smaller holes are filled, whatever class is in them; holes without data stay.</source>
        <translation>Buracos menores são preenchidos, qualquer que seja a classe neles; buracos sem dados permanecem.</translation>
    </message>
    <message>
        <source>Smoothing, in pixels</source>
        <translation>Suavização, em pixels</translation>
    </message>
    <message>
        <source>How far a smoothed border may be from where the raster has it; 0 follows the sides of pixels. Where data end, borders stay as they are.</source>
        <translation>A que distância da do raster uma borda suavizada pode ficar; 0 segue os lados dos pixels. Onde os dados terminam, as bordas ficam como estão.</translation>
    </message>
    <message>
        <source>Classes with right angles</source>
        <translation>Classes com ângulos retos</translation>
    </message>
    <message>
        <source>Names or numbers of classes, such as buildings, whose outlines get right angles along their main direction where that keeps them near their borders; where it does not, they are smoothed like others. Best with these classes alone: borders at which three polygons meet stay smoothed.</source>
        <translation>Nomes ou números de classes, por exemplo de edificações, cujos contornos recebem ângulos retos ao longo de sua direção principal, onde assim ficam perto de suas bordas; onde não, são suavizados como os outros. O melhor é usar só com essas classes: bordas em que três polígonos se encontram continuam suavizadas.</translation>
    </message>
    <message>
        <source>Largest shift for right angles, in pixels</source>
        <translation>Maior deslocamento para ângulos retos, em pixels</translation>
    </message>
    <message>
        <source>How far an outline with right angles may be from its border.</source>
        <translation>A que distância de sua borda um contorno com ângulos retos pode ficar.</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its final uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Um pixel conta como incerto quando sua incerteza final, de 0 (certo) a 1, atinge este número.</translation>
    </message>
    <message>
        <source>The file to write, GeoPackage (.gpkg) or FlatGeobuf (.fgb), one feature a polygon: class (number), name, area_m2 (on the ground), pixels, mean_u and mean_final (uncertainty 0 to 1) and unsure_share (0 to 1).</source>
        <translation>O arquivo a gravar, GeoPackage (.gpkg) ou FlatGeobuf (.fgb), uma feição por polígono: class (número), name, area_m2 (no terreno), pixels, mean_u e mean_final (incerteza de 0 a 1) e unsure_share (de 0 a 1).</translation>
    </message>
    <message>
        <source>What was made, for programs: polygons and areas by class, and how far borders moved (JSON).</source>
        <translation>O que foi feito, para programas: polígonos e áreas por classe, e quanto as bordas se moveram (JSON).</translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation>Polígonos</translation>
    </message>
    <message>
        <source>How many polygons were written.</source>
        <translation>Quantos polígonos foram gravados.</translation>
    </message>
    <message>
        <source>Largest shift</source>
        <translation>Maior deslocamento</translation>
    </message>
    <message>
        <source>How far a border of the raster is from those of the polygons, in pixels.</source>
        <translation>A que distância uma borda do raster está das dos polígonos, em pixels.</translation>
    </message>
    <message>
        <source>Corrected classes</source>
        <translation>Classes corrigidas</translation>
    </message>
    <message>
        <source>review,correct,edit,burn,rasterize,land cover,classification,labels,fix,post-processing</source>
        <translation>revisão,corrigir,editar,rasterizar,cobertura do solo,classificação,rótulos,pós-processamento</translation>
    </message>
    <message>
        <source>Burns the judgements of a review and the corrections that were drawn into a copy of the class raster. The copy has the same grid, classes and colours; pixels without data stay so. Regions judged 'wrong' become their new class; corrections win over regions, and in each layer later features win over earlier ones.</source>
        <translation>Grava os julgamentos de uma revisão e as correções desenhadas em uma cópia do raster de classes. A cópia tem a mesma grade, classes e cores; pixels sem dados continuam assim. Regiões julgadas erradas passam à sua nova classe; correções prevalecem sobre regiões e, em cada camada, feições posteriores sobre anteriores.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed, as 'Segment raster' wrote it.</source>
        <translation>O raster de classes que foi revisado, como o 'Segmentar raster' o gravou.</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the reviewed one is left as it is.</source>
        <translation>O raster de classes a gravar (GeoTIFF); o revisado fica como está.</translation>
    </message>
    <message>
        <source>Judged pixels</source>
        <translation>Pixels julgados</translation>
    </message>
    <message>
        <source>How many pixels with data lie in judged regions and corrections.</source>
        <translation>Quantos pixels com dados estão em regiões julgadas e correções.</translation>
    </message>
    <message>
        <source>Judged regions</source>
        <translation>Regiões julgadas</translation>
    </message>
    <message>
        <source>The layer of regions that was reviewed, with the fields 'status' ('right', 'wrong', ...) and 'new_class' (the number of the class that a wrong region is).</source>
        <translation>A camada de regiões que foi revisada, com os campos 'status' ('right', 'wrong', ...) e 'new_class' (o número da classe de uma região errada).</translation>
    </message>
    <message>
        <source>Drawn corrections</source>
        <translation>Correções desenhadas</translation>
    </message>
    <message>
        <source>The polygons that were drawn in the review, the table 'corrections' beside the regions, with the field 'class' (the number of the class).</source>
        <translation>Os polígonos desenhados na revisão, a tabela 'corrections' ao lado das regiões, com o campo 'class' (o número da classe).</translation>
    </message>
    <message>
        <source>Training samples</source>
        <translation>Amostras de treinamento</translation>
    </message>
    <message>
        <source>review,training,labels,masks,chips,tiles,crops,patches,deep learning,fine-tune,active learning,dataset</source>
        <translation>revisão,treinamento,rótulos,máscaras,recortes,blocos,aprendizado profundo,ajuste fino,aprendizado ativo,conjunto de dados</translation>
    </message>
    <message>
        <source>Cuts pieces of the image around all that was judged in a review, each with a label image that holds the right class where somebody said so and 'not judged' (255) elsewhere: the class raster's own class in regions that are 'right', the new class in 'wrong' ones, the drawn class in corrections. The folder is what training/train.py reads with training/configs/folder.yaml.</source>
        <translation>Recorta pedaços da imagem em torno de tudo o que foi julgado em uma revisão, cada um com uma imagem de rótulos que contém a classe certa onde alguém a indicou e 'não julgado' (255) no resto: a classe do próprio raster nas regiões certas, a nova classe nas erradas e a classe desenhada nas correções. A pasta é a que training/train.py lê com training/configs/folder.yaml.</translation>
    </message>
    <message>
        <source>The raster that was segmented, of any number of bands, in 8 or 16 bits or any other type.</source>
        <translation>O raster que foi segmentado, com qualquer número de bandas, em 8 ou 16 bits ou de outro tipo.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed; it lies on the pixels of the raster.</source>
        <translation>O raster de classes que foi revisado; ele coincide com os pixels do raster.</translation>
    </message>
    <message>
        <source>Bands in the model's order (default: all but alpha)</source>
        <translation>Bandas na ordem do modelo (padrão: todas menos alfa)</translation>
    </message>
    <message>
        <source>The bands that the model sees, in its order (red, green, blue for the bundled one).</source>
        <translation>As bandas que o modelo vê, na ordem dele (vermelho, verde, azul no incluído).</translation>
    </message>
    <message>
        <source>Side of a sample, in pixels</source>
        <translation>Lado de uma amostra, em pixels</translation>
    </message>
    <message>
        <source>Samples of at least the training's crop (640 in folder.yaml) are used as they are, smaller ones are magnified.</source>
        <translation>Amostras pelo menos tão grandes quanto o recorte do treinamento (640 em folder.yaml) são usadas como estão; as menores são ampliadas.</translation>
    </message>
    <message>
        <source>Share for validation</source>
        <translation>Proporção para validação</translation>
    </message>
    <message>
        <source>The share of the samples (0 to 0.5) that training is measured on instead of learning from them: with 0.2 the second of every five.</source>
        <translation>A proporção das amostras (0 a 0.5) com que o treinamento é medido em vez de aprender com elas: com 0.2, a segunda de cada cinco.</translation>
    </message>
    <message>
        <source>Add to the samples in the folder</source>
        <translation>Adicionar às amostras da pasta</translation>
    </message>
    <message>
        <source>Adds to a folder that this algorithm has filled before, so that several rasters make one set; samples that it holds of the same raster are replaced.</source>
        <translation>Adiciona a uma pasta que este algoritmo já preencheu, para que vários rasters formem um só conjunto; as amostras do mesmo raster que ela contém são substituídas.</translation>
    </message>
    <message>
        <source>Folder of samples</source>
        <translation>Pasta de amostras</translation>
    </message>
    <message>
        <source>A new or empty folder, unless samples are added: classes.yaml, train/ and val/ with images/ and labels/, and samples.json, the list of what came from where.</source>
        <translation>Uma pasta nova ou vazia, exceto quando se adicionam amostras: classes.yaml, train/ e val/ com images/ e labels/, e samples.json, a lista da origem de cada uma.</translation>
    </message>
    <message>
        <source>How many samples of this raster are for training.</source>
        <translation>Quantas amostras deste raster são para treinamento.</translation>
    </message>
    <message>
        <source>Validation samples</source>
        <translation>Amostras de validação</translation>
    </message>
    <message>
        <source>How many samples of this raster are for validation.</source>
        <translation>Quantas amostras deste raster são para validação.</translation>
    </message>
    <message>
        <source>How many pixels are labelled.</source>
        <translation>Quantos pixels têm rótulo.</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnóstico</translation>
    </message>
    <message>
        <source>version,install,onnxruntime,gpu,device,speed,benchmark,bug report,troubleshooting</source>
        <translation>versão,instalar,onnxruntime,GPU,dispositivo,velocidade,desempenho,relatório de erro,solução de problemas</translation>
    </message>
    <message>
        <source>Lists the versions of everything that takes part, the devices that were found, and the speed of a short run of the bundled model on a generated raster. What is broken is told, not stumbled over. The text is for a bug report: it holds no paths, names, layers or projects of yours, and it is not sent anywhere.</source>
        <translation>Lista as versões de tudo o que participa, os dispositivos encontrados e a velocidade de uma execução curta do modelo incluído em um raster gerado. O que não funciona é indicado. O texto é para um relatório de erro: não contém caminhos, nomes, camadas nem projetos seus, e não é enviado a lugar nenhum.</translation>
    </message>
    <message>
        <source>Device to test</source>
        <translation>Dispositivo a testar</translation>
    </message>
    <message>
        <source>Where the short run computes: auto takes the best that is found.</source>
        <translation>Onde a execução curta calcula: auto usa o melhor encontrado.</translation>
    </message>
    <message>
        <source>A file for the text, for reading (*.html) or for pasting (*.txt).</source>
        <translation>Um arquivo para o texto, para ler (*.html) ou para colar (*.txt).</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Texto</translation>
    </message>
    <message>
        <source>The lines, to paste into a bug report.</source>
        <translation>As linhas, para colar em um relatório de erro.</translation>
    </message>
    <message>
        <source>Works</source>
        <translation>Funciona</translation>
    </message>
    <message>
        <source>Whether nothing was found broken.</source>
        <translation>Se nenhuma falha foi encontrada.</translation>
    </message>
    <message>
        <source>HTML (*.html);;Text (*.txt)</source>
        <translation>HTML (*.html);;Texto (*.txt)</translation>
    </message>
    <message>
        <source>{} Or copy the lines above.</source>
        <translation>{} Ou copie as linhas acima.</translation>
    </message>
    <message>
        <source>Import model</source>
        <translation>Importar modelo</translation>
    </message>
    <message>
        <source>onnx,import,neural network,deep learning,own network,custom model,deepness,pytorch,u-net,deeplab,segformer</source>
        <translation>onnx,importar,rede neural,aprendizado profundo,rede própria,modelo próprio,deepness,pytorch,u-net,deeplab,segformer</translation>
    </message>
    <message>
        <source>Makes a model of any segmentation network in ONNX, so that 'Segment raster' offers it by name. What the file tells (also in the way of the plugin Deepness) and what a short run of it tells need not be given; what is missing is asked for in one line.</source>
        <translation>Faz de qualquer rede de segmentação em ONNX um modelo que “Segmentar raster” oferece pelo nome. O que o arquivo diz (também à maneira do complemento Deepness) e o que uma execução curta mostra não precisam ser informados; o que falta é pedido em uma linha.</translation>
    </message>
    <message>
        <source>Network (ONNX)</source>
        <translation>Rede (ONNX)</translation>
    </message>
    <message>
        <source>A file with one image as input and one score for each class and pixel as output; its weights must be inside.</source>
        <translation>Um arquivo com uma imagem como entrada e uma pontuação por classe e pixel como saída; os pesos devem estar dentro dele.</translation>
    </message>
    <message>
        <source>Name of the model</source>
        <translation>Nome do modelo</translation>
    </message>
    <message>
        <source>By which 'Segment raster' will offer it; left empty, the name of the file.</source>
        <translation>Com o qual “Segmentar raster” o oferecerá; se ficar vazio, o nome do arquivo.</translation>
    </message>
    <message>
        <source>Classes, in the network's order</source>
        <translation>Classes, na ordem da rede</translation>
    </message>
    <message>
        <source>Names separated by commas, perhaps with colours: water=1F78B4,land,road. Left empty, those in the file.</source>
        <translation>Nomes separados por vírgulas, talvez com cores: água=1F78B4,solo,estrada. Se ficar vazio, os do arquivo.</translation>
    </message>
    <message>
        <source>Bands, in the network's order</source>
        <translation>Bandas, na ordem da rede</translation>
    </message>
    <message>
        <source>Roles or names separated by commas, such as red,green,blue or red,green,blue,nir. Left empty, red,green,blue for a file of Deepness with three bands.</source>
        <translation>Papéis ou nomes separados por vírgulas, como red,green,blue ou red,green,blue,nir. Se ficar vazio, red,green,blue em um arquivo do Deepness com três bandas.</translation>
    </message>
    <message>
        <source>Pixel size in metres, or any</source>
        <translation>Tamanho de pixel em metros, ou any</translation>
    </message>
    <message>
        <source>The pixel size of the imagery that the network was trained on: other rasters are read at it; any where it does not matter. Left empty, what the file says.</source>
        <translation>O tamanho de pixel das imagens com que a rede foi treinada: outros rasters são lidos nele; any se for indiferente. Se ficar vazio, o que o arquivo diz.</translation>
    </message>
    <message>
        <source>Divisor of the numbers</source>
        <translation>Divisor dos números</translation>
    </message>
    <message>
        <source>What the raster's numbers are divided by before the mean is subtracted: 255 for networks that take 0 to 1, 1 for those that take the numbers as they are. Left empty, it follows from mean and std.</source>
        <translation>Por quanto os números do raster são divididos antes de subtrair a média: 255 para redes que recebem 0 a 1, 1 para as que recebem os números como são. Se ficar vazio, decorre da média e do desvio padrão.</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Média</translation>
    </message>
    <message>
        <source>What is subtracted then: one number, or one for each band, such as 0.485,0.456,0.406.</source>
        <translation>O que se subtrai depois: um número, ou um por banda, como 0.485,0.456,0.406.</translation>
    </message>
    <message>
        <source>Standard deviation</source>
        <translation>Desvio padrão</translation>
    </message>
    <message>
        <source>What the difference is divided by: one number, or one for each band, such as 0.229,0.224,0.225.</source>
        <translation>Por quanto se divide a diferença: um número, ou um por banda, como 0.229,0.224,0.225.</translation>
    </message>
    <message>
        <source>Margin of the windows, in pixels</source>
        <translation>Margem das janelas, em pixels</translation>
    </message>
    <message>
        <source>How much of each window is thrown away along its borders, where the network lacks surroundings. Left empty, what the file says, else measured.</source>
        <translation>Quanto de cada janela é descartado nas bordas, onde falta à rede o entorno. Se ficar vazio, o que o arquivo diz; senão, é medido.</translation>
    </message>
    <message>
        <source>First look</source>
        <translation>Primeiro olhar</translation>
    </message>
    <message>
        <source>none: the network sees the whole raster at full scale, as elsewhere. same: it sees it at 1/4 scale first, and only the most uncertain patches at full scale; faster, for networks that bear it.</source>
        <translation>none: a rede vê todo o raster em resolução plena, como em outros programas. same: ela o vê primeiro na escala 1/4 e só os blocos mais incertos em resolução plena; mais rápido, para redes que o toleram.</translation>
    </message>
    <message>
        <source>Side of the windows, in pixels</source>
        <translation>Lado das janelas, em pixels</translation>
    </message>
    <message>
        <source>Only for networks that take images of any size; left empty, what the file says, else 512.</source>
        <translation>Só para redes que recebem imagens de qualquer tamanho; se ficar vazio, o que o arquivo diz; senão, 512.</translation>
    </message>
    <message>
        <source>Numbers of the raster</source>
        <translation>Números do raster</translation>
    </message>
    <message>
        <source>The data type of the imagery that the network was trained on; auto is that of a network that takes whole numbers, else uint8, to which other imagery is stretched.</source>
        <translation>O tipo de dados das imagens com que a rede foi treinada; auto é o de uma rede que recebe números inteiros; senão, uint8, para o qual outras imagens são esticadas.</translation>
    </message>
    <message>
        <source>Output with the classes</source>
        <translation>Saída com as classes</translation>
    </message>
    <message>
        <source>Its name, for networks with several outputs.</source>
        <translation>O nome dela, em redes com várias saídas.</translation>
    </message>
    <message>
        <source>Axes of the input</source>
        <translation>Eixos da entrada</translation>
    </message>
    <message>
        <source>NCHW: batch, bands, height, width, as from PyTorch. NHWC: bands last, as from TensorFlow. auto finds it out.</source>
        <translation>NCHW: lote, bandas, altura, largura, como do PyTorch. NHWC: bandas por último, como do TensorFlow. auto descobre.</translation>
    </message>
    <message>
        <source>Scores of the output</source>
        <translation>Pontuações da saída</translation>
    </message>
    <message>
        <source>Whether softmax or sigmoid are part of the network (probabilities) or not (logits); auto finds it out.</source>
        <translation>Se softmax ou sigmoide fazem parte da rede (probabilities) ou não (logits); auto descobre.</translation>
    </message>
    <message>
        <source>Made from</source>
        <translation>Feito de</translation>
    </message>
    <message>
        <source>What the network was trained on, in a sentence: for those who choose the model.</source>
        <translation>Com o que a rede foi treinada, em uma frase: para quem escolhe o modelo.</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Licença</translation>
    </message>
    <message>
        <source>Of the weights.</source>
        <translation>Dos pesos.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Pasta</translation>
    </message>
    <message>
        <source>Where the model is written; left empty, the folder of your models, from which 'Segment raster' offers it by name.</source>
        <translation>Onde o modelo é gravado; se ficar vazio, a pasta dos seus modelos, da qual “Segmentar raster” o oferece pelo nome.</translation>
    </message>
    <message>
        <source>Replace a model of this name</source>
        <translation>Substituir um modelo com este nome</translation>
    </message>
    <message>
        <source>Otherwise a model that is there already stays, and nothing is imported.</source>
        <translation>Senão, um modelo que já existe permanece, e nada é importado.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>The model bundle that was written.</source>
        <translation>O pacote de modelo gravado.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nome</translation>
    </message>
    <message>
        <source>The name of the model.</source>
        <translation>O nome do modelo.</translation>
    </message>
    <message>
        <source>Network in ONNX (*.onnx);;All files (*)</source>
        <translation>Rede em ONNX (*.onnx);;Todos os arquivos (*)</translation>
    </message>
    <message>
        <source>'Segment raster' offers it as {}.</source>
        <translation>“Segmentar raster” o oferece como {}.</translation>
    </message>
    <message>
        <source>Legend as a picture</source>
        <translation>Legenda como imagem</translation>
    </message>
    <message>
        <source>legend,key,print layout,map,picture,png,classes,uncertainty,colours</source>
        <translation>legenda,layout de impressão,mapa,imagem,PNG,classes,incerteza,cores</translation>
    </message>
    <message>
        <source>Draws the legend of class and uncertainty rasters as a picture for a print layout, a report or a slide: every class with colour and name, and the ramp of the uncertainty, as the layers are styled now.</source>
        <translation>Desenha a legenda de rasters de classes e de incerteza como imagem para um layout de impressão, um relatório ou uma apresentação: cada classe com cor e nome, e a rampa da incerteza, com o estilo atual das camadas.</translation>
    </message>
    <message>
        <source>Rasters</source>
        <translation>Rasters</translation>
    </message>
    <message>
        <source>The layers whose legend is drawn, such as the classes and the uncertainty of a run.</source>
        <translation>As camadas cuja legenda é desenhada, como as classes e a incerteza de uma execução.</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Título</translation>
    </message>
    <message>
        <source>Written above the legend.</source>
        <translation>Escrito acima da legenda.</translation>
    </message>
    <message>
        <source>Dots per inch</source>
        <translation>DPI</translation>
    </message>
    <message>
        <source>Pixels per inch of paper: 300 for print, 96 for a screen.</source>
        <translation>Pixels por polegada de papel: 300 para impressão, 96 para a tela.</translation>
    </message>
    <message>
        <source>Clear ground</source>
        <translation>Fundo transparente</translation>
    </message>
    <message>
        <source>Leaves the ground transparent instead of white.</source>
        <translation>Deixa o fundo transparente em vez de branco.</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>Legenda</translation>
    </message>
    <message>
        <source>The picture to write (PNG).</source>
        <translation>A imagem a gravar (PNG).</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>Segment raster</source>
        <translation>Segmentar raster</translation>
    </message>
    <message>
        <source>land cover,classification,semantic segmentation,deep learning,neural network,onnx,uncertainty,orthophoto,aerial,satellite,ultra-high resolution</source>
        <translation>cobertura do solo,classificação,segmentação semântica,aprendizado profundo,rede neural,ONNX,incerteza,ortofoto,aérea,satélite,altíssima resolução</translation>
    </message>
    <message>
        <source>Segments a raster of any size into the classes of a model, and maps where the result is uncertain. The whole raster is seen at 1/4 scale first; then the patches where that leaves most doubt are seen at full scale, and both views are joined.</source>
        <translation>Segmenta um raster de qualquer tamanho nas classes de um modelo e mapeia onde o resultado é incerto. Primeiro todo o raster é visto na escala 1/4; depois os blocos onde resta mais dúvida são vistos em resolução total, e as duas visões são unidas.</translation>
    </message>
    <message>
        <source>A raster file with the bands that the model expects.</source>
        <translation>Um arquivo raster com as bandas que o modelo espera.</translation>
    </message>
    <message>
        <source>The name of a model, or the path of its bundle (*.uhrs); left empty, the one that comes with the plugin.</source>
        <translation>O nome de um modelo ou o caminho do seu pacote (*.uhrs); se ficar vazio, o que vem com o complemento.</translation>
    </message>
    <message>
        <source>Bands, in the model's order</source>
        <translation>Bandas, na ordem do modelo</translation>
    </message>
    <message>
        <source>The bands to give to the model, in its order (red, green, blue for the bundled one); left empty, they are found by colour interpretation and description, or the first ones where the raster has none.</source>
        <translation>As bandas dadas ao modelo, na ordem dele (vermelho, verde, azul no incluído); se ficarem vazias, são encontradas pela interpretação de cores e pela descrição, ou são as primeiras, se o raster não as tem.</translation>
    </message>
    <message>
        <source>Alpha bands</source>
        <translation>Bandas alfa</translation>
    </message>
    <message>
        <source>What an alpha band is: auto and mask, 0 in it means no data; data, a band like others, such as near infrared that is labelled alpha.</source>
        <translation>O que é uma banda alfa: auto e mask, 0 nela significa sem dados; data, uma banda como as outras, por exemplo um infravermelho próximo rotulado como alfa.</translation>
    </message>
    <message>
        <source>Stretch to 8 bits</source>
        <translation>Esticar para 8 bits</translation>
    </message>
    <message>
        <source>How 16-bit or decimal numbers come to a model of 8 bits: auto, linearly between two percentiles of each band; none, not at all; or two numbers LOW,HIGH that become 0 and 255 in all bands.</source>
        <translation>Como números de 16 bits ou decimais chegam a um modelo de 8 bits: auto, linearmente entre dois percentis de cada banda; none, de modo nenhum; ou dois números LOW,HIGH que se tornam 0 e 255 em todas as bandas.</translation>
    </message>
    <message>
        <source>Only this part of the raster is segmented; an extent in another coordinate system is transformed. Left empty, all of it.</source>
        <translation>Só esta parte do raster é segmentada; uma extensão em outro sistema de coordenadas é transformada. Se ficar vazia, todo o raster.</translation>
    </message>
    <message>
        <source>Area of interest</source>
        <translation>Área de interesse</translation>
    </message>
    <message>
        <source>Only what lies in these polygons is segmented; the rest becomes no data and costs nothing. Any layer of polygons does, also one that is being drawn (Raster &gt; UHRS segmentation &gt; Draw an area of interest).</source>
        <translation>Só o que está nestes polígonos é segmentado; o resto passa a ser sem dados e não custa nada. Serve qualquer camada de polígonos, também uma que está sendo desenhada (Raster &gt; UHRS segmentation &gt; Desenhar uma área de interesse).</translation>
    </message>
    <message>
        <source>Share of patches to refine, K</source>
        <translation>Proporção de blocos a refinar, K</translation>
    </message>
    <message>
        <source>The share of patches, 0 to 1, that are seen at full scale, the most uncertain first: 0 is fastest, 1 is most thorough. Left empty, what the model suggests.</source>
        <translation>A proporção de blocos, de 0 a 1, vistos em resolução total, os mais incertos primeiro: 0 é o mais rápido, 1 o mais completo. Se ficar vazia, o que o modelo sugere.</translation>
    </message>
    <message>
        <source>Least uncertainty, instead of K</source>
        <translation>Menor incerteza, em vez de K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, all patches whose mean uncertainty (0 to 1) reaches this number are refined.</source>
        <translation>Em vez de uma proporção fixa, são refinados todos os blocos cuja incerteza média (0 a 1) atinge este número.</translation>
    </message>
    <message>
        <source>Minutes for the run, instead of K</source>
        <translation>Minutos de execução, em vez de K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, the most uncertain patches are refined until the run has taken this long.</source>
        <translation>Em vez de uma proporção fixa, os blocos mais incertos são refinados até que a execução tenha durado este tempo.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Dispositivo</translation>
    </message>
    <message>
        <source>Where the model runs: auto takes the best that the installed onnxruntime offers, else the processor (cpu); cuda:1 is the second NVIDIA card, cuda:all are all of them at once.</source>
        <translation>Onde o modelo calcula: auto usa o melhor que o onnxruntime instalado oferece, senão o processador (cpu); cuda:1 é a segunda placa NVIDIA, cuda:all todas ao mesmo tempo.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisão</translation>
    </message>
    <message>
        <source>float computes in floating point; int8 in 8 bits, with nearly the same classes, where the model has such graphs; auto takes 8 bits on processors that are faster so.</source>
        <translation>float calcula em ponto flutuante; int8 em 8 bits, com quase as mesmas classes, se o modelo tem esses grafos; auto usa 8 bits nos processadores que assim são mais rápidos.</translation>
    </message>
    <message>
        <source>Pixel size: auto, native or metres</source>
        <translation>Tamanho do pixel: auto, native ou metros</translation>
    </message>
    <message>
        <source>auto reads the raster at the pixel size that the model was made for, where its own is more than 1.4 times finer or coarser; native always at its own; a number is a pixel size in metres.</source>
        <translation>auto lê o raster no tamanho de pixel para o qual o modelo foi feito, se o dele é mais de 1,4 vez mais fino ou mais grosso; native sempre no dele; um número é um tamanho de pixel em metros.</translation>
    </message>
    <message>
        <source>Pixels of the outputs</source>
        <translation>Pixels das saídas</translation>
    </message>
    <message>
        <source>Where the raster is read at another pixel size: working writes the outputs at that one, input in the raster's own pixels.</source>
        <translation>Quando o raster é lido em outro tamanho de pixel: working grava as saídas nesse tamanho, input nos pixels do próprio raster.</translation>
    </message>
    <message>
        <source>Uncertainty cell in pixels</source>
        <translation>Célula de incerteza em pixels</translation>
    </message>
    <message>
        <source>Pixels of the raster per cell of the uncertainty map: 8 is its native grid and the smallest file.</source>
        <translation>Pixels do raster por célula do mapa de incerteza: 8 é a grade própria dele e o menor arquivo.</translation>
    </message>
    <message>
        <source>Map what is unfamiliar</source>
        <translation>Mapear o que não é familiar</translation>
    </message>
    <message>
        <source>Adds a third band to the uncertainty map: how unlike the imagery that the model was trained on each place is, 0 to 1. Where it is high, expect errors that the other bands do not show.</source>
        <translation>Acrescenta uma terceira banda ao mapa de incerteza: quanto cada lugar difere das imagens com que o modelo foi treinado, de 0 a 1. Onde ela é alta, espere erros que as outras bandas não mostram.</translation>
    </message>
    <message>
        <source>Go on from an earlier run</source>
        <translation>Continuar uma execução anterior</translation>
    </message>
    <message>
        <source>Keeps what is finished when the run is cancelled or killed, and goes on from there when it is repeated.</source>
        <translation>Guarda o que está pronto quando a execução é cancelada ou interrompida, e continua dali quando ela é repetida.</translation>
    </message>
    <message>
        <source>Damaged parts of the raster</source>
        <translation>Partes danificadas do raster</translation>
    </message>
    <message>
        <source>What happens where the file cannot be read: stop with an error, or treat it as no data.</source>
        <translation>O que acontece onde o arquivo não pode ser lido: stop, parar com um erro, ou nodata, tratar como sem dados.</translation>
    </message>
    <message>
        <source>The class map to write: one number a pixel, with palette and class names (GeoTIFF).</source>
        <translation>O mapa de classes a gravar: um número por pixel, com paleta e nomes das classes (GeoTIFF).</translation>
    </message>
    <message>
        <source>The uncertainty map to write, 0 (sure) to 1: band 1 is that of the coarse view (U), which chose the patches, band 2 the final one, after refining (GeoTIFF).</source>
        <translation>O mapa de incerteza a gravar, de 0 (certo) a 1: a banda 1 é a da visão grosseira (U), que escolheu os blocos, a banda 2 a final, depois do refinamento (GeoTIFF).</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Pré-visualização</translation>
    </message>
    <message>
        <source>The classes of the coarse view, one for 8 x 8 pixels, written and shown as soon as it is done, with its uncertainty beside it (GeoTIFF).</source>
        <translation>As classes da visão grosseira, uma para 8 x 8 pixels, gravadas e mostradas assim que ela fica pronta, com sua incerteza ao lado (GeoTIFF).</translation>
    </message>
    <message>
        <source>A file for seconds, patches, device and the area of each class (JSON).</source>
        <translation>Um arquivo para segundos, blocos, dispositivo e a área de cada classe (JSON).</translation>
    </message>
    <message>
        <source>Refined share of patches</source>
        <translation>Proporção refinada de blocos</translation>
    </message>
    <message>
        <source>The share of patches that were refined in the end, 0 to 1.</source>
        <translation>A proporção de blocos refinados no fim, de 0 a 1.</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>Pixels</translation>
    </message>
    <message>
        <source>Pixels of the raster that were segmented.</source>
        <translation>Pixels do raster que foram segmentados.</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Segundos</translation>
    </message>
    <message>
        <source>How long the run took.</source>
        <translation>Quanto tempo a execução levou.</translation>
    </message>
    <message>
        <source>Model bundle (*.uhrs);;All files (*)</source>
        <translation>Pacote de modelo (*.uhrs);;Todos os arquivos (*)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Cancelled: run it again as it was to go on from here.</source>
        <translation>Cancelado: execute novamente sem mudar nada para continuar daqui.</translation>
    </message>
    <message>
        <source>Bundles (*.uhrs) in this folder are offered by name: {}</source>
        <translation>Os pacotes (*.uhrs) nesta pasta são oferecidos pelo nome: {}</translation>
    </message>
    <message>
        <source>Preview: classes</source>
        <translation>Pré-visualização: classes</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>click the corners, right click to end. Then choose this layer as area of interest in 'Segment raster'.</source>
        <translation>clique nos cantos, clique direito para terminar. Depois escolha esta camada como área de interesse em 'Segmentar raster'.</translation>
    </message>
    <message>
        <source>Takes perhaps {} and {} GB of memory; the first run will measure this computer.</source>
        <translation>Leva talvez {} e {} GB de memória; a primeira execução medirá este computador.</translation>
    </message>
    <message>
        <source>Takes about {} on {}, as measured on this computer, and {} GB of memory.</source>
        <translation>Leva cerca de {} em {}, conforme medido neste computador, e {} GB de memória.</translation>
    </message>
    <message>
        <source>{} x {} pixels</source>
        <translation>{} x {} pixels</translation>
    </message>
    <message>
        <source>The raster lies on a server: what is read of it comes over the network.</source>
        <translation>O raster está num servidor: o que dele se lê chega pela rede.</translation>
    </message>
    <message>
        <source>Takes {}, as asked for.</source>
        <translation>Leva {}, como pedido.</translation>
    </message>
    <message>
        <source>The raster lies on a server: about {} of its {} MB are read.</source>
        <translation>O raster está num servidor: são lidos cerca de {} dos seus {} MB.</translation>
    </message>
    <message>
        <source>{} to {}</source>
        <translation>{} a {}</translation>
    </message>
    <message>
        <source>{} of {} m</source>
        <translation>{} de {} m</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>desconhecido</translation>
    </message>
    <message>
        <source>any pixel size</source>
        <translation>qualquer tamanho de pixel</translation>
    </message>
    <message>
        <source>Bands</source>
        <translation>Bandas</translation>
    </message>
    <message>
        <source>{} classes</source>
        <translation>{} classes</translation>
    </message>
    <message>
        <source>Choose another model bundle (*.uhrs)</source>
        <translation>Escolher outro pacote de modelo (*.uhrs)</translation>
    </message>
    <message>
        <source>Fit of the raster to the model</source>
        <translation>Adequação do raster ao modelo</translation>
    </message>
    <message>
        <source>{} % done, about {} left</source>
        <translation>{} % pronto, faltam cerca de {}</translation>
    </message>
    <message>
        <source>Uncertain regions</source>
        <translation>Regiões incertas</translation>
    </message>
    <message>
        <source>uncertainty,doubt,review,quality,check,correct,active learning,hot spots,polygons,polygonize,vectorize,segmentation,classification</source>
        <translation>incerteza,dúvida,revisão,qualidade,verificar,corrigir,aprendizado ativo,pontos críticos,polígonos,poligonizar,vetorizar,segmentação,classificação</translation>
    </message>
    <message>
        <source>Outlines the places of a segmented raster that are worth a look: where the uncertainty is highest. They are ranked by what looking at them brings, which is their area times their mean uncertainty: rank 1 comes first.</source>
        <translation>Delimita os lugares de um raster segmentado que merecem um olhar: onde a incerteza é maior. Eles são ordenados pelo que o olhar traz, isto é, a área vezes a incerteza média: a ordem 1 vem primeiro.</translation>
    </message>
    <message>
        <source>The uncertainty raster that 'Segment raster' wrote.</source>
        <translation>O raster de incerteza que o 'Segmentar raster' gravou.</translation>
    </message>
    <message>
        <source>Band (default: the final uncertainty)</source>
        <translation>Banda (padrão: a incerteza final)</translation>
    </message>
    <message>
        <source>Band 2 is the final uncertainty, the doubt that is left in the result, and the default where the raster has it; band 1 (U) tells where the coarse view was unsure, much of which has been refined since.</source>
        <translation>A banda 2 é a incerteza final, a dúvida que resta no resultado, e o padrão, se o raster a tem; a banda 1 (U) diz onde a visão grosseira era incerta, e muito disso foi refinado desde então.</translation>
    </message>
    <message>
        <source>The class raster of the same run; with it each region tells its most frequent class and the one after it.</source>
        <translation>O raster de classes da mesma execução; com ele, cada região informa sua classe mais frequente e a seguinte.</translation>
    </message>
    <message>
        <source>Share of the area, per cent</source>
        <translation>Proporção da área, em por cento</translation>
    </message>
    <message>
        <source>The most uncertain part of the area, in per cent, that regions are made of.</source>
        <translation>A parte mais incerta da área, em por cento, de que são feitas as regiões.</translation>
    </message>
    <message>
        <source>Uncertainty threshold, instead of a share</source>
        <translation>Limite de incerteza, em vez de uma proporção</translation>
    </message>
    <message>
        <source>Instead of a share of the area, all cells whose uncertainty (0 to 1) reaches this number.</source>
        <translation>Em vez de uma proporção da área, todas as células cuja incerteza (0 a 1) atinge este número.</translation>
    </message>
    <message>
        <source>Spread over squares of so many cells (0: no)</source>
        <translation>Distribuir por quadrados deste número de células (0: não)</translation>
    </message>
    <message>
        <source>Each square of so many cells (16 or more) gives the share of its own area, and the ranks go round: first the most important region of every square, then the second of each. So the first regions lie all over the raster when the doubts sit in one corner or are all alike; it does nothing with a threshold.</source>
        <translation>Cada quadrado desse número de células (16 ou mais) dá a proporção de sua própria área, e a ordem se alterna: primeiro a região mais importante de cada quadrado, depois a segunda de cada um. Assim as primeiras regiões ficam espalhadas por todo o raster, mesmo que as dúvidas estejam em um canto ou sejam todas parecidas; não tem efeito com um limite.</translation>
    </message>
    <message>
        <source>Smallest region, in cells of 8 x 8 pixels</source>
        <translation>Menor região, em células de 8 x 8 pixels</translation>
    </message>
    <message>
        <source>Regions of fewer cells of the uncertainty raster are left out; a cell is 8 x 8 pixels of the image unless the run was told otherwise.</source>
        <translation>Regiões com menos células do raster de incerteza são omitidas; uma célula tem 8 x 8 pixels da imagem, a não ser que a execução tenha usado outra.</translation>
    </message>
    <message>
        <source>Merge across, in cells</source>
        <translation>Unir através de, em células</translation>
    </message>
    <message>
        <source>Uncertain cells become one region when at most this many cells lie between them; at 0 they must touch, if only at a corner.</source>
        <translation>Células incertas formam uma só região quando há no máximo este número de células entre elas; com 0 elas precisam se tocar, ainda que só em um canto.</translation>
    </message>
    <message>
        <source>Most regions</source>
        <translation>Máximo de regiões</translation>
    </message>
    <message>
        <source>Only so many regions are written, the most important ones.</source>
        <translation>Só este número de regiões é gravado, as mais importantes.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a region, with rank, mean_u and max_u (uncertainty 0 to 1), area_m2 (on the ellipsoid; empty without a coordinate reference system), cells, class and class_2 (most frequent and second class), and status ('open'); choose a GeoPackage to keep it.</source>
        <translation>A camada a gravar, uma feição por região, com rank, mean_u e max_u (incerteza de 0 a 1), area_m2 (sobre o elipsoide; vazio sem sistema de referência de coordenadas), cells, class e class_2 (classe mais frequente e segunda) e status ('open'); escolha um GeoPackage para guardá-la.</translation>
    </message>
    <message>
        <source>Regions</source>
        <translation>Regiões</translation>
    </message>
    <message>
        <source>How many regions were written.</source>
        <translation>Quantas regiões foram gravadas.</translation>
    </message>
    <message>
        <source>Least uncertainty</source>
        <translation>Menor incerteza</translation>
    </message>
    <message>
        <source>The uncertainty, 0 to 1, from which cells were taken.</source>
        <translation>A incerteza, de 0 a 1, a partir da qual as células foram tomadas.</translation>
    </message>
    <message>
        <source>models run with the Python package onnxruntime, which is not installed yet.</source>
        <translation>os modelos funcionam com o pacote Python onnxruntime, que ainda não está instalado.</translation>
    </message>
    <message>
        <source>UHRS segmentation: installation</source>
        <translation>UHRS segmentation: instalação</translation>
    </message>
    <message>
        <source>Install...</source>
        <translation>Instalar...</translation>
    </message>
    <message>
        <source>Installing onnxruntime</source>
        <translation>Instalação do onnxruntime</translation>
    </message>
    <message>
        <source>onnxruntime cannot be downloaded: {}. Check network and proxy (Settings &gt; Options &gt; Network), or install it from a file.</source>
        <translation>Não é possível baixar o onnxruntime: {}. Verifique a rede e o proxy (Configurações &gt; Opções &gt; Rede), ou instale-o de um arquivo.</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>cancelado</translation>
    </message>
    <message>
        <source>The plugin knows no onnxruntime for {} on this system: install it as the page says.</source>
        <translation>O complemento não conhece nenhum onnxruntime para {} neste sistema: instale-o como diz a página.</translation>
    </message>
    <message>
        <source>What came for '{}' is not that file ({} bytes, SHA-256 {}): nothing was installed.</source>
        <translation>O que veio para '{}' não é esse arquivo ({} bytes, SHA-256 {}): nada foi instalado.</translation>
    </message>
    <message>
        <source>'{}' holds no wheel of onnxruntime for {}: its name has {} and this platform in it.</source>
        <translation>'{}' não contém wheel do onnxruntime para {}: o nome traz {} e esta plataforma.</translation>
    </message>
    <message>
        <source>The wheel is larger than any onnxruntime: nothing was installed.</source>
        <translation>O wheel é maior que qualquer onnxruntime: nada foi instalado.</translation>
    </message>
    <message>
        <source>The wheel would write outside of its folder: nothing was installed.</source>
        <translation>O wheel gravaria fora de sua pasta: nada foi instalado.</translation>
    </message>
    <message>
        <source>'{}' is no wheel of onnxruntime: choose one such as onnxruntime-1.23.2-cp311-...whl.</source>
        <translation>'{}' não é um wheel do onnxruntime: escolha um como onnxruntime-1.23.2-cp311-...whl.</translation>
    </message>
    <message>
        <source>'{}' is for another Python or system: this QGIS needs {}.</source>
        <translation>'{}' é para outro Python ou sistema: este QGIS precisa de {}.</translation>
    </message>
    <message>
        <source>'{}' cannot be read: {}.</source>
        <translation>'{}' não pode ser lido: {}.</translation>
    </message>
    <message>
        <source>'{}' holds no package '{}'.</source>
        <translation>'{}' não contém nenhum pacote '{}'.</translation>
    </message>
    <message>
        <source>'{}' is damaged: download it again.</source>
        <translation>'{}' está danificado: baixe-o novamente.</translation>
    </message>
    <message>
        <source>'{}' cannot be written: {}.</source>
        <translation>'{}' não pode ser gravado: {}.</translation>
    </message>
    <message>
        <source>Download onnxruntime {} (some 15 to 30 MB) from {} and unpack it into
{}

Its content is checked (SHA-256). Nothing else is installed or changed; to get rid of it, delete that folder.</source>
        <translation>Baixar o onnxruntime {} (de 15 a 30 MB) de {} e descompactá-lo em
{}

Seu conteúdo é verificado (SHA-256). Nada mais é instalado ou alterado; para livrar-se dele, exclua essa pasta.</translation>
    </message>
    <message>
        <source>Unpack {} into
{}

Nothing else is installed or changed.</source>
        <translation>Descompactar {} em
{}

Nada mais é instalado ou alterado.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>This file is none of those that the plugin knows: it runs with your rights, so install it only if you trust where it is from. Its SHA-256 is
{}</source>
        <translation>Este arquivo não é nenhum dos que o complemento conhece: ele roda com os seus direitos, por isso instale-o somente se confia na origem. Seu SHA-256 é
{}</translation>
    </message>
    <message>
        <source>Install from</source>
        <translation>Instalar de</translation>
    </message>
    <message>
        <source>File...</source>
        <translation>Arquivo...</translation>
    </message>
    <message>
        <source>Folder...</source>
        <translation>Pasta...</translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation>Copiar comando</translation>
    </message>
    <message>
        <source>Wheel of onnxruntime</source>
        <translation>Wheel do onnxruntime</translation>
    </message>
    <message>
        <source>Folder with wheels of onnxruntime</source>
        <translation>Pasta com wheels do onnxruntime</translation>
    </message>
    <message>
        <source>Installing ...</source>
        <translation>Instalando ...</translation>
    </message>
    <message>
        <source>Cancelled: nothing was installed.</source>
        <translation>Cancelado: nada foi instalado.</translation>
    </message>
    <message>
        <source>Installed, but Python does not find it: restart QGIS.</source>
        <translation>Instalado, mas o Python não o encontra: reinicie o QGIS.</translation>
    </message>
    <message>
        <source>onnxruntime is installed: 'Segment raster' is ready. 'Diagnostics' tells how fast it is.</source>
        <translation>O onnxruntime está instalado: 'Segmentar raster' está pronto. 'Diagnóstico' diz quão rápido ele é.</translation>
    </message>
    <message>
        <source>The legend would have {} x {} pixels: choose fewer dots per inch.</source>
        <translation>A legenda teria {} x {} pixels: escolha um DPI menor.</translation>
    </message>
    <message>
        <source>Layer '{}' has no legend: give it classes or a colour ramp.</source>
        <translation>A camada '{}' não tem legenda: dê a ela classes ou uma rampa de cores.</translation>
    </message>
    <message>
        <source>1: unsure</source>
        <translation>1: incerto</translation>
    </message>
    <message>
        <source>up to {}: sure</source>
        <translation>até {}: certo</translation>
    </message>
    <message>
        <source>open</source>
        <translation>aberta</translation>
    </message>
    <message>
        <source>right</source>
        <translation>certa</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>errada</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>incerta</translation>
    </message>
    <message>
        <source>not judged</source>
        <translation>não julgada</translation>
    </message>
    <message>
        <source>Segment raster...</source>
        <translation>Segmentar raster...</translation>
    </message>
    <message>
        <source>Draw an area of interest</source>
        <translation>Desenhar uma área de interesse</translation>
    </message>
    <message>
        <source>Review uncertain regions</source>
        <translation>Revisar regiões incertas</translation>
    </message>
    <message>
        <source>UHRS segmentation (uncertainty-guided, ultra-high resolution)</source>
        <translation>UHRS segmentation (guiada pela incerteza, altíssima resolução)</translation>
    </message>
    <message>
        <source>'{}' is closed. All judgements are saved in its file.</source>
        <translation>'{}' está fechada. Todos os julgamentos estão salvos em seu arquivo.</translation>
    </message>
    <message>
        <source>'{}' has no polygons to review: choose another layer.</source>
        <translation>'{}' não tem polígonos para revisar: escolha outra camada.</translation>
    </message>
    <message>
        <source>All regions of this list are judged.</source>
        <translation>Todas as regiões desta lista estão julgadas.</translation>
    </message>
    <message>
        <source>Save regions as</source>
        <translation>Salvar regiões como</translation>
    </message>
    <message>
        <source>This is the end of the list.</source>
        <translation>Este é o fim da lista.</translation>
    </message>
    <message>
        <source>This is the start of the list.</source>
        <translation>Este é o início da lista.</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>Não há nada a desfazer.</translation>
    </message>
    <message>
        <source>There is no region to judge: open a layer and choose one.</source>
        <translation>Não há região para julgar: abra uma camada e escolha uma.</translation>
    </message>
    <message>
        <source>Open a layer and choose a class first, then draw.</source>
        <translation>Primeiro abra uma camada e escolha uma classe; depois desenhe.</translation>
    </message>
    <message>
        <source>Open a layer of regions first, then add classes.</source>
        <translation>Primeiro abra uma camada de regiões; depois adicione classes.</translation>
    </message>
    <message>
        <source>Kept: this part is {}.</source>
        <translation>Guardado: esta parte é {}.</translation>
    </message>
    <message>
        <source>'{}' is class {} of this review from now on.</source>
        <translation>'{}' é a partir de agora a classe {} desta revisão.</translation>
    </message>
    <message>
        <source>There is no class '{}': choose one of the list.</source>
        <translation>Não há classe '{}': escolha uma da lista.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' holds no polygons and is not ours: rename it.</source>
        <translation>A tabela '{}' em '{}' não contém polígonos e não é nossa: renomeie-a.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' lacks {} and is not ours: rename it.</source>
        <translation>Falta à tabela '{}' em '{}': {}. Ela não é nossa: renomeie-a.</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on drawing.</source>
        <translation>'{}' está em edição: salve ou cancele as alterações (Alternar edição) e depois continue desenhando.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy of the regions as a GeoPackage to draw.</source>
        <translation>'{}' é somente leitura: salve uma cópia das regiões como GeoPackage para desenhar.</translation>
    </message>
    <message>
        <source>QGIS does not open it</source>
        <translation>o QGIS não a abre</translation>
    </message>
    <message>
        <source>Corrections of {}</source>
        <translation>Correções de {}</translation>
    </message>
    <message>
        <source>No table for corrections can be made in '{}': {}.</source>
        <translation>Não é possível criar uma tabela de correções em '{}': {}.</translation>
    </message>
    <message>
        <source>The correction is NOT saved: {}. Try again.</source>
        <translation>A correção NÃO foi salva: {}. Tente novamente.</translation>
    </message>
    <message>
        <source>The correction stays: {}.</source>
        <translation>A correção permanece: {}.</translation>
    </message>
    <message>
        <source>The numbers of the classes are not known: choose the class raster below.</source>
        <translation>Os números das classes não são conhecidos: escolha abaixo o raster de classes.</translation>
    </message>
    <message>
        <source>No number is left for another class: {} is the largest one.</source>
        <translation>Não resta número para outra classe: {} é o maior.</translation>
    </message>
    <message>
        <source>A class needs a name of 1 to {} characters.</source>
        <translation>Uma classe precisa de um nome de 1 a {} caracteres.</translation>
    </message>
    <message>
        <source>There is a class '{}' already: choose it in the list.</source>
        <translation>Já existe uma classe '{}': escolha-a na lista.</translation>
    </message>
    <message>
        <source>The class '{}' is NOT added: {}. Try again.</source>
        <translation>A classe '{}' NÃO foi adicionada: {}. Tente novamente.</translation>
    </message>
    <message>
        <source>'{}' exists already and may hold judgements: choose another name.</source>
        <translation>'{}' já existe e pode conter julgamentos: escolha outro nome.</translation>
    </message>
    <message>
        <source>'{}' was written, yet QGIS does not open it.</source>
        <translation>'{}' foi gravado, mas o QGIS não o abre.</translation>
    </message>
    <message>
        <source>the file took other values</source>
        <translation>o arquivo aceitou outros valores</translation>
    </message>
    <message>
        <source>The region is gone: somebody has deleted it.</source>
        <translation>A região não existe mais: alguém a excluiu.</translation>
    </message>
    <message>
        <source>'{}' lives in memory only and would be lost with QGIS: save it as a GeoPackage to judge.</source>
        <translation>'{}' está só na memória e se perderia com o QGIS: salve-a como GeoPackage para julgar.</translation>
    </message>
    <message>
        <source>The file of '{}' was deleted or replaced since it was opened: nothing more is saved. Reopen it.</source>
        <translation>O arquivo de '{}' foi excluído ou substituído desde que foi aberto: nada mais é salvo. Abra-o novamente.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy as a GeoPackage to judge.</source>
        <translation>'{}' é somente leitura: salve uma cópia como GeoPackage para julgar.</translation>
    </message>
    <message>
        <source>The field '{}' of '{}' must hold {} to keep judgements: rename it (layer properties, Fields).</source>
        <translation>O campo '{}' de '{}' deve conter {} para guardar julgamentos: renomeie-o (propriedades da camada, Campos).</translation>
    </message>
    <message>
        <source>'{}' lacks the fields that keep judgements: {}.</source>
        <translation>Faltam a '{}' os campos que guardam julgamentos: {}.</translation>
    </message>
    <message>
        <source>numbers</source>
        <translation>números</translation>
    </message>
    <message>
        <source>text</source>
        <translation>texto</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on. Judgements made so far are saved.</source>
        <translation>'{}' está em edição: salve ou cancele as alterações (Alternar edição) e depois continue. Os julgamentos feitos até agora estão salvos.</translation>
    </message>
    <message>
        <source>The judgement is NOT saved: {}. Try again.</source>
        <translation>O julgamento NÃO foi salvo: {}. Tente novamente.</translation>
    </message>
    <message>
        <source>the file does not take it</source>
        <translation>o arquivo não o aceita</translation>
    </message>
    <message>
        <source>The number of class '{}' is not known: choose the class raster below.</source>
        <translation>O número da classe '{}' não é conhecido: escolha abaixo o raster de classes.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to add classes.</source>
        <translation>'{}' não está em nenhum arquivo: salve-a como GeoPackage para adicionar classes.</translation>
    </message>
    <message>
        <source>{} has judged this region meanwhile ({}): nothing was changed. Judge again to overrule.</source>
        <translation>{} julgou esta região nesse meio-tempo ({}): nada foi alterado. Julgue de novo para prevalecer.</translation>
    </message>
    <message>
        <source>This point does not show the class of the map: choose the class that it is (keys 1 to 9).</source>
        <translation>Este ponto não mostra a classe do mapa: escolha de que classe ele é (teclas 1 a 9).</translation>
    </message>
    <message>
        <source>Choose which class this point is (keys 1 to 9).</source>
        <translation>Escolha de que classe é este ponto (teclas 1 a 9).</translation>
    </message>
    <message>
        <source>Choose a region first.</source>
        <translation>Primeiro escolha uma região.</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>Outra pessoa</translation>
    </message>
    <message>
        <source>The drawn correction is gone already.</source>
        <translation>A correção desenhada já não existe.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to draw corrections beside it.</source>
        <translation>'{}' não está em nenhum arquivo: salve-a como GeoPackage para desenhar correções ao lado dela.</translation>
    </message>
    <message>
        <source>That is no area: click at least three corners that are not in one line.</source>
        <translation>Isso não é uma área: clique em pelo menos três cantos que não estejam alinhados.</translation>
    </message>
    <message>
        <source>A polygon needs at least three corners: click more, or press Esc.</source>
        <translation>Um polígono precisa de pelo menos três cantos: clique em mais ou pressione Esc.</translation>
    </message>
    <message>
        <source>This region has no polygon: the map stays where it is.</source>
        <translation>Esta região não tem polígono: o mapa fica onde está.</translation>
    </message>
    <message>
        <source>This region lies where the map's coordinate reference system does not reach: choose another one for the project.</source>
        <translation>Esta região está fora do alcance do sistema de referência de coordenadas do mapa: escolha outro para o projeto.</translation>
    </message>
    <message>
        <source>The drawing lies where the CRS of the regions does not reach.</source>
        <translation>O desenho está fora do alcance do SRC das regiões.</translation>
    </message>
    <message>
        <source>Add the fields</source>
        <translation>Adicionar os campos</translation>
    </message>
    <message>
        <source>Save as...</source>
        <translation>Salvar como...</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>Reabrir</translation>
    </message>
    <message>
        <source>The regions of '{}' are gone. Choose another layer.</source>
        <translation>As regiões de '{}' não existem mais. Escolha outra camada.</translation>
    </message>
    <message>
        <source>A class that the model does not know. Draw it, or judge regions to be it: 'Corrected classes' and 'Training samples' keep its name and colour, so that a model can learn it.</source>
        <translation>Uma classe que o modelo não conhece. Desenhe-a ou julgue que regiões são dela: 'Classes corrigidas' e 'Amostras de treinamento' guardam seu nome e cor, para que um modelo possa aprendê-la.</translation>
    </message>
    <message>
        <source>New class</source>
        <translation>Nova classe</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Cor</translation>
    </message>
    <message>
        <source>Choose above the regions to review. 'Uncertain regions' in the Processing Toolbox makes them.</source>
        <translation>Escolha acima as regiões a revisar. 'Regiões incertas', na Caixa de Ferramentas de Processamento, as cria.</translation>
    </message>
    <message>
        <source>'{}' has no regions.</source>
        <translation>'{}' não tem regiões.</translation>
    </message>
    <message>
        <source>no regions</source>
        <translation>nenhuma região</translation>
    </message>
    <message>
        <source>{} of {}, {} % of the doubtful area</source>
        <translation>{} de {}, {} % da área duvidosa</translation>
    </message>
    <message>
        <source>Classified as {}</source>
        <translation>Classificada como {}</translation>
    </message>
    <message>
        <source>Judged: {}</source>
        <translation>Julgada: {}</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} de {}</translation>
    </message>
    <message>
        <source>Part {} of {}: {}</source>
        <translation>Parte {} de {}: {}</translation>
    </message>
    <message>
        <source>{}, then {}</source>
        <translation>{}, depois {}</translation>
    </message>
    <message>
        <source>by {}</source>
        <translation>por {}</translation>
    </message>
    <message>
        <source>(up to {})</source>
        <translation>(até {})</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 choose a class, then W all of it, D or B a part</source>
        <translation>R certa, S incerta; 1 a 9 escolhem uma classe, depois W para toda, D ou B para uma parte</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 judge at once: it is that class</source>
        <translation>R certa, S incerta; 1 a 9 julgam de imediato: é essa classe</translation>
    </message>
    <message>
        <source>Draw a part that is the class chosen above: left click sets corners, right click ends, Backspace takes a corner back, Esc drops the drawing</source>
        <translation>Desenhar uma parte que é da classe escolhida acima: o clique esquerdo põe cantos, o direito termina, Backspace retira um canto, Esc descarta o desenho</translation>
    </message>
    <message>
        <source>Paint a part that is the class chosen above: hold the left button down; Esc drops the stroke</source>
        <translation>Pintar uma parte que é da classe escolhida acima: mantenha o botão esquerdo pressionado; Esc descarta o traço</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Anterior</translation>
    </message>
    <message>
        <source>Go to the region before</source>
        <translation>Ir para a região anterior</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Próxima</translation>
    </message>
    <message>
        <source>Go to the region after</source>
        <translation>Ir para a próxima região</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Localizar</translation>
    </message>
    <message>
        <source>Show this region on the map again, and flash it</source>
        <translation>Mostrar esta região novamente no mapa e fazê-la piscar</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Desfazer</translation>
    </message>
    <message>
        <source>Take your last judgement or drawn correction back</source>
        <translation>Retirar seu último julgamento ou sua última correção desenhada</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Certa</translation>
    </message>
    <message>
        <source>The classes are right in this region</source>
        <translation>As classes estão certas nesta região</translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation>Incerta</translation>
    </message>
    <message>
        <source>You cannot tell: the region counts as seen and trains nothing</source>
        <translation>Não dá para saber: a região conta como vista e não treina nada</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Errada</translation>
    </message>
    <message>
        <source>All of this region is the class chosen below</source>
        <translation>Toda esta região é da classe escolhida abaixo</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>Desenhar</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Pintar</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Imagem</translation>
    </message>
    <message>
        <source>Show or hide the image</source>
        <translation>Mostrar ou ocultar a imagem</translation>
    </message>
    <message>
        <source>Show or hide the classes</source>
        <translation>Mostrar ou ocultar as classes</translation>
    </message>
    <message>
        <source>Show or hide the uncertainty</source>
        <translation>Mostrar ou ocultar a incerteza</translation>
    </message>
    <message>
        <source>Go on to the next one</source>
        <translation>Ir para a próxima</translation>
    </message>
    <message>
        <source>After a judgement, go to the next region that nobody has judged</source>
        <translation>Depois de um julgamento, ir para a próxima região que ninguém julgou</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>Width of the brush on the screen</source>
        <translation>Largura do pincel na tela</translation>
    </message>
    <message>
        <source>Your name, which is kept with each of your judgements</source>
        <translation>Seu nome, guardado com cada um de seus julgamentos</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Seu nome</translation>
    </message>
    <message>
        <source>People who share the work take one part each: every second, third ... region</source>
        <translation>Quem divide o trabalho fica com uma parte cada um: uma de cada duas, três ... regiões</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Mostrar</translation>
    </message>
    <message>
        <source>part</source>
        <translation>parte</translation>
    </message>
    <message>
        <source>of</source>
        <translation>de</translation>
    </message>
    <message>
        <source>Wrong: it is {} ({})</source>
        <translation>Errada: é {} ({})</translation>
    </message>
    <message>
        <source>Wrong: it is ... ({})</source>
        <translation>Errada: é ... ({})</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>Área</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Classe</translation>
    </message>
    <message>
        <source>Judged</source>
        <translation>Julgamento</translation>
    </message>
    <message>
        <source>Not judged yet</source>
        <translation>Ainda não julgadas</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Todas</translation>
    </message>
    <message>
        <source>Judged by me</source>
        <translation>Julgadas por mim</translation>
    </message>
    <message>
        <source>is {}</source>
        <translation>é {}</translation>
    </message>
    <message>
        <source>New class...</source>
        <translation>Nova classe...</translation>
    </message>
    <message>
        <source>Add a class that the model does not know, for corrections and training samples</source>
        <translation>Adicionar uma classe que o modelo não conhece, para correções e amostras de treinamento</translation>
    </message>
    <message>
        <source>Choose below which class it is, or press its digit.</source>
        <translation>Escolha abaixo de que classe se trata, ou pressione o dígito dela.</translation>
    </message>
    <message>
        <source>{} is chosen: W if all of the region is it, D or B to draw a part.</source>
        <translation>{} está escolhida: W se toda a região é dela, D ou B para desenhar uma parte.</translation>
    </message>
    <message>
        <source>Choose first which class to draw.</source>
        <translation>Primeiro escolha que classe desenhar.</translation>
    </message>
    <message>
        <source>{} square units</source>
        <translation>{} unidades quadradas</translation>
    </message>
</context>
</TS>
